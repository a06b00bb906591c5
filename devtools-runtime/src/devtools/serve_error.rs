//! Why a server could not be started.

use std::net::SocketAddr;

use crate::devtools::BuildError;
use crate::server::ListenError;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// What was to be served could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The address could not be bound.
    #[error("the address could not be bound")]
    Bind(#[source] std::io::Error),
    /// Others than this machine could reach the address, and nothing would keep them out.
    #[error(
        "{0} can be reached from other machines, and `Auth::None` trusts them all: bind 127.0.0.1, leave the gate on, or \
         insist with `.expose_without_auth()`"
    )]
    NotLoopback(SocketAddr),
}

impl From<ListenError> for ServeError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Bind(error) => Self::Bind(error),
            ListenError::NotLoopback(address) => Self::NotLoopback(address),
        }
    }
}
