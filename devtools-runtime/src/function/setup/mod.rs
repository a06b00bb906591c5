//! Functions that are set up once per context, and the types that their setups return.

mod handler;
mod implementation;
mod signature;
mod slot;

pub use self::handler::Setup;
pub(crate) use self::handler::WriteDump;
pub use self::implementation::{IntoSetup, SetupFailure, SetupImplementation};
pub use self::signature::{AsyncHandlerOf, HandlerOf, HandlerSignature};
pub(crate) use self::slot::{per_context, run_local};
