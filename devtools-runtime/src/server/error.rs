//! Why a server could not listen.

use std::net::SocketAddr;

/// Why a server could not listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("the address could not be bound")]
    Bind(#[from] std::io::Error),
    #[error("{0} can be reached from other machines")]
    NotLoopback(SocketAddr),
}
