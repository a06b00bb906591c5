//! What is known of a client before its first frame.

use std::net::IpAddr;

use http::Extensions;

use crate::host::SessionTransport;

/// A client that has just come.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) transport: SessionTransport,
    /// The token it brings, in the address it asks for.
    pub(crate) token: Option<String>,
    /// The page it is, if it is one; it was admitted.
    pub(crate) origin: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// Where it connects from.
    pub(crate) address: Option<IpAddr>,
    /// What the application put into its request.
    pub(crate) extensions: Extensions,
}

impl Arrival {
    /// A client inside the process.
    pub(crate) fn local() -> Self {
        Self {
            transport: SessionTransport::Local,
            token: None,
            origin: None,
            user_agent: None,
            address: None,
            extensions: Extensions::new(),
        }
    }
}
