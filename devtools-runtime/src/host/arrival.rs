//! The description of a connecting client, from its request.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::Extensions;
use serde::{Deserialize, Serialize};

use crate::host::trust::ClientIdentity;
use crate::peer::{AccessCell, ConnectionAccess};

/// The description of a client that connects. For a client over a network, it comes from the HTTP request.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) transport: SessionTransport,
    /// The token in the query of the request, if it has one.
    pub(crate) token: Option<String>,
    /// The origin of the page that connects, which was checked. `None` if the client is a program.
    pub(crate) origin: Option<String>,
    /// The address of a page that can use a one-time code, for the link that is shown to the user.
    pub(crate) sign_in_page: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<IpAddr>,
    /// Whether the client is trusted. The session, its permit and its connection share the cell.
    pub(crate) access: Arc<AccessCell>,
    /// Whether the client has asked for a code.
    pub(crate) has_asked: Arc<AtomicBool>,
    /// The extensions of the request.
    pub(crate) extensions: Extensions,
    /// The identity of a client inside the process, if the program has given it one.
    pub(crate) identity: Option<Arc<ClientIdentity>>,
}

/// The transport of a session.
///
/// ```
/// use devtools_runtime::RpcSession;
/// use devtools_runtime::context::SessionTransport;
///
/// /// Returns whether the session is in this process, so that no network is involved.
/// fn is_near(session: &RpcSession) -> bool {
///     session.transport() == SessionTransport::Local
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SessionTransport {
    /// Over a WebSocket.
    WebSocket,
    /// Over server-sent events and POSTs.
    Sse,
    /// By one HTTP request. The session lasts as long as the call, and its client cannot be called.
    Http,
    /// Inside the process: a client in memory, or a function that invokes another.
    Local,
}

impl Arrival {
    /// A client inside the process that has this identity.
    #[cfg(feature = "client")]
    pub(crate) fn local_as(identity: ClientIdentity) -> Self {
        Self {
            identity: Some(Arc::new(identity)),
            ..Self::local()
        }
    }

    /// A client inside the process. It is trusted: code in the process could read the one-time code too.
    pub(crate) fn local() -> Self {
        Self {
            transport: SessionTransport::Local,
            token: None,
            origin: None,
            sign_in_page: None,
            user_agent: None,
            address: None,
            access: Arc::new(AccessCell::new(ConnectionAccess::Open)),
            has_asked: Arc::default(),
            extensions: Extensions::new(),
            identity: None,
        }
    }
}
