//! The backplane: the connection between the processes that behave as one program, and the one inside a single process.

mod appended;
mod error;
mod in_process;
mod link;
mod message;
mod store;
mod stores;

pub use self::appended::Appended;
pub use self::error::BackplaneError;
pub use self::in_process::InProcess;
pub use self::link::{Backplane, Later, LogReader, Registration, Responder};
pub use self::message::Message;
pub use self::store::{Replaced, StoreReader};
