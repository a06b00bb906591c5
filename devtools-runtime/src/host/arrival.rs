//! What is known of a client before its first frame.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::Extensions;

use crate::host::SessionTransport;
use crate::peer::{Access, AccessCell};

/// A client that has just come.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) transport: SessionTransport,
    /// The token it brings, in the address it asks for.
    pub(crate) token: Option<String>,
    /// The page it is, if it is one; it was admitted.
    pub(crate) origin: Option<String>,
    /// The address of a page that uses a one-time code, for the link that is shown to the user. `None` if none is known.
    pub(crate) sign_in_page: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// Where it connects from.
    pub(crate) address: Option<IpAddr>,
    /// Whether it is trusted, as all look it up who deal with it.
    pub(crate) access: Arc<AccessCell>,
    /// Whether it has asked for a code.
    pub(crate) has_asked: Arc<AtomicBool>,
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
            sign_in_page: None,
            user_agent: None,
            address: None,
            access: Arc::new(AccessCell::new(Access::Open)),
            has_asked: Arc::default(),
            extensions: Extensions::new(),
        }
    }
}
