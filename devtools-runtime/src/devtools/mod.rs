//! The entry point: a program builds its [`DevTools`] and serves it.

mod builder;
mod building;
#[cfg(feature = "client")]
mod clients;
mod collected;
mod dumps;
#[cfg(feature = "server")]
mod end_signals;
mod error;
mod handle;
#[cfg(feature = "server")]
mod on_listen;
#[cfg(feature = "recording")]
mod recording;
mod registered;
#[cfg(feature = "server")]
mod route;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod serve_error;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "typescript")]
mod types;

pub use self::builder::DevToolsBuilder;
#[cfg(feature = "cli")]
pub(crate) use self::end_signals::EndSignals;
pub use self::error::BuildError;
pub use self::handle::DevTools;
#[cfg(feature = "recording")]
pub use self::recording::AlreadyReplaying;
pub use self::registered::{assert_function_registered, assert_registered};
#[cfg(feature = "server")]
pub use self::route::{DuplicateRoute, Route, RouteRequest};
#[cfg(feature = "server")]
pub use self::serve_error::{BindError, ServeError};
#[cfg(feature = "server")]
pub use self::server::Server;
