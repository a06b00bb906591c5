//! The errors of a server that cannot listen.

use std::io;
use std::net::SocketAddr;

/// The error of a server that cannot listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("the host has no address")]
    Unknown(#[source] io::Error),
    #[error("could not bind {0}")]
    Bind(SocketAddr, #[source] io::Error),
    #[error("the address that was bound is not known")]
    Unusable(#[source] io::Error),
    #[error("{0} can be reached from other machines")]
    NotLoopback(SocketAddr),
}
