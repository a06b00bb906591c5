//! Sessions: the clients of a context, as its functions see them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::function::{CallError, Inject};
use crate::host::listeners::Listeners;
use crate::peer::{Caller, Limits, Peer};

/// How long the server waits for a client's reply, unless it says otherwise.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A client of this context: who calls. Cloning is cheap and gives the same session.
///
/// A function takes it by reference, `&RpcSession`. Functions of the client are called through it:
/// `ClientUpdate::call(session, …)`.
#[derive(Debug, Clone)]
pub struct RpcSession(Arc<Session>);

#[derive(Debug)]
struct Session {
    id: u64,
    transport: SessionTransport,
    trusted: bool,
    peer: Peer,
}

/// How a session is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SessionTransport {
    /// Over a WebSocket.
    WebSocket,
    /// Over server-sent events and POSTs.
    Sse,
    /// Inside the process: a client in memory, or a function that invokes another.
    Local,
}

impl RpcSession {
    fn new(id: u64, transport: SessionTransport, trusted: bool, peer: Peer) -> Self {
        Self(Arc::new(Session {
            id,
            transport,
            trusted,
            peer,
        }))
    }

    /// The session of a function that the program itself invokes. It has no client to call.
    pub(crate) fn local() -> Self {
        let (peer, _) = Peer::new(&Limits::default(), CancellationToken::new());
        Self::new(0, SessionTransport::Local, true, peer)
    }

    /// The number of the session: 1 for the first one of a context, never used twice. 0 is the program
    /// itself.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Whether the session may call everything, which with [`Auth::None`](crate::Auth::None) each may.
    pub fn is_trusted(&self) -> bool {
        self.0.trusted
    }

    /// How the session is connected.
    pub fn transport(&self) -> SessionTransport {
        self.0.transport
    }

    /// The same session, for calls of its client that fail with
    /// [`CallError::Timeout`](crate::CallError::Timeout) after this long. Default: 60 seconds, as the
    /// JavaScript server has it (`protocol.md` 1.6).
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let Session {
            id,
            transport,
            trusted,
            ref peer,
        } = *self.0;
        Self::new(id, transport, trusted, peer.with_timeout(timeout))
    }

    /// Calls a function of the client that is known by name only, with JSON. `arguments` is a tuple, or
    /// anything else that is written as an array.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if the client has no such function, [`CallError::Remote`] with its
    /// error if it failed, another variant if the request or its reply was lost on the way.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The function may run all the same.
    pub async fn call_dynamic<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        self.0.peer.call_dynamic(name, &arguments).await
    }

    /// Resolves once the session has ended.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) {
        self.0.peer.closed().await;
    }

    /// Whether the session has ended.
    pub fn is_closed(&self) -> bool {
        self.0.peer.is_closed()
    }

    /// Ends the session. Replies of calls that still run are delivered if the client takes them within
    /// [`Limits::grace`].
    pub fn close(&self) {
        self.0.peer.close();
    }
}

#[diagnostic::do_not_recommend]
impl Caller for RpcSession {
    fn peer(&self) -> &Peer {
        &self.0.peer
    }
}

#[diagnostic::do_not_recommend]
impl Inject for RpcSession {}

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    last_id: AtomicU64,
    open: Mutex<BTreeMap<u64, RpcSession>>,
    pub(crate) connected: Listeners,
    pub(crate) disconnected: Listeners,
}

/// A session while it is open: dropping this takes it out of the list.
#[derive(Debug)]
pub(crate) struct OpenSession<'a> {
    sessions: &'a Sessions,
    session: RpcSession,
}

impl Sessions {
    pub(crate) fn open(
        &self,
        transport: SessionTransport,
        trusted: bool,
        peer: Peer,
    ) -> OpenSession<'_> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let session = RpcSession::new(id, transport, trusted, peer.with_timeout(CALL_TIMEOUT));
        self.lock().insert(id, session.clone());
        self.connected.tell(&session);
        OpenSession {
            sessions: self,
            session,
        }
    }

    /// How many sessions are open.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The open sessions, in the order they connected.
    pub(crate) fn list(&self) -> Vec<RpcSession> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, RpcSession>> {
        // No critical section can leave the map half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenSession<'_> {
    pub(crate) fn session(&self) -> &RpcSession {
        &self.session
    }
}

impl Drop for OpenSession<'_> {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.session.id());
        self.sessions.disconnected.tell(&self.session);
    }
}
