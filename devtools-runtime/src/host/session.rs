//! Sessions: the clients of a context, as its functions see them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::function::{CallError, FunctionList, Inject};
use crate::host::listeners::Listeners;
use crate::host::{Arrival, DevToolsContext, Place, Places, Stats, Tally};
use crate::peer::{
    Access, AccessCell, Caller, CloseReason, Limits, Peer, SessionStats, WithFunctions,
};
use crate::wire::Encoding;

/// How long the server waits for a client's reply, unless it says otherwise.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A client of this context: who calls. Cloning is cheap and gives the same session.
///
/// A function takes it by reference, `&RpcSession`. Functions of the client are called through it:
/// `ClientUpdate::call(session, …)`.
#[derive(Debug, Clone)]
pub struct RpcSession {
    shared: Arc<Session>,
    peer: Peer,
}

struct Session {
    id: u64,
    arrival: Arrival,
    /// What the session owes its trust to; the lock is held for a clone or a store.
    token: Mutex<Option<Arc<str>>>,
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
    fn new(id: u64, arrival: Arrival, token: Option<String>, peer: Peer) -> Self {
        let shared = Arc::new(Session {
            id,
            arrival,
            token: Mutex::new(token.map(Arc::from)),
        });
        Self { shared, peer }
    }

    /// The session of a function that the program itself invokes. It has no client to call.
    pub(crate) fn local() -> Self {
        let arrival = Arrival::local();
        let (closing, access) = (CancellationToken::new(), Arc::clone(&arrival.access));
        let (peer, _) = Peer::new(&Arc::<Limits>::default(), closing, access);
        Self::new(0, arrival, None, peer)
    }

    /// The number of the session: 1 for the first one of a context, never used twice. 0 is the program
    /// itself.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Whether it stands for the program itself: there is no connection.
    pub(crate) fn is_local(&self) -> bool {
        self.shared.id == 0
    }

    /// Whether the session may call everything, and is told what is broadcast. With
    /// [`Auth::None`](crate::Auth::None), and inside the process, each is from the start.
    pub fn is_trusted(&self) -> bool {
        self.peer.is_open()
    }

    /// Resolves once the session is trusted: `true`, or `false` if it ends before.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn trusted(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shared.arrival.access.opened() => true,
            () = self.closed() => false,
        }
    }

    /// How the session is connected.
    pub fn transport(&self) -> SessionTransport {
        self.shared.arrival.transport
    }

    /// The origin of the page that the session belongs to, such as `http://localhost:5173`. `None` if it is a
    /// program.
    pub fn origin(&self) -> Option<&str> {
        self.shared.arrival.origin.as_deref()
    }

    /// The address of a page that uses a one-time code of this client.
    pub(crate) fn sign_in_page(&self) -> Option<&str> {
        self.shared.arrival.sign_in_page.as_deref()
    }

    /// What the client's HTTP request called it.
    pub fn user_agent(&self) -> Option<&str> {
        self.shared.arrival.user_agent.as_deref()
    }

    /// The address that the client connects from, where that is known: the server of a program knows it, and an application
    /// that the service is mounted in can put the client's [`SocketAddr`](std::net::SocketAddr) into the extensions of its request.
    pub fn address(&self) -> Option<IpAddr> {
        self.shared.arrival.address
    }

    /// What the application put into the extensions of the client's HTTP request, such as axum's
    /// `ConnectInfo`, or a user that a middleware has found.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.shared.arrival.extensions.get()
    }

    /// The same session, for calls of its client that fail with
    /// [`CallError::Timeout`](crate::CallError::Timeout) after this long. Default: 60 seconds, as the
    /// JavaScript server has it ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            peer: self.peer.with_timeout(timeout),
        }
    }

    /// The same session, with the list of the functions that its client has, for [`call!`](macro@crate::call).
    pub fn with_functions<L: FunctionList>(&self) -> WithFunctions<Self, L> {
        WithFunctions::new(self.clone())
    }

    /// Trusts the session from now on, because of this token.
    pub(crate) fn trust(&self, token: &str) {
        *lock(&self.shared.token) = Some(token.into());
        self.shared.arrival.access.set(Access::Open);
    }

    /// Trusts the session no more.
    pub(crate) fn distrust(&self) {
        self.shared.arrival.access.set(Access::Unauthorized);
        *lock(&self.shared.token) = None;
    }

    /// Notes that the session has asked for a code: somebody is there.
    pub(crate) fn asks(&self) {
        self.shared.arrival.has_asked.store(true, Ordering::Relaxed);
    }

    /// What the session owes its trust to.
    pub(crate) fn token(&self) -> Option<Arc<str>> {
        lock(&self.shared.token).clone()
    }

    /// The way to the client, whether or not it is trusted.
    pub(crate) fn peer_before_trust(&self) -> Peer {
        self.peer.before_trust()
    }

    /// What the session's calls are admitted by.
    pub(crate) fn access(&self) -> &Arc<AccessCell> {
        &self.shared.arrival.access
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
        self.peer
            .call_dynamic(name, Encoding::Json, &arguments)
            .await
    }

    /// As [`call_dynamic`](Self::call_dynamic), with structured clone: a `Map`, a `Set` or a `BigInt` stays what it is. A result
    /// that is `undefined` is read as `null`.
    ///
    /// # Errors
    ///
    /// As [`call_dynamic`](Self::call_dynamic).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The function may run all the same.
    pub async fn call_structured<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        self.peer
            .call_dynamic(name, Encoding::StructuredClone, &arguments)
            .await
    }

    /// Resolves once the session has ended.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) {
        self.peer.closed().await;
    }

    /// Whether the session has ended.
    pub fn is_closed(&self) -> bool {
        self.peer.is_closed()
    }

    /// Ends the session, for a reason that its client is told as far as the transport can: a WebSocket is
    /// closed with code 1008 and the reason's first 123 bytes, an event stream simply ends.
    ///
    /// Replies of calls that still run are delivered if the client takes them within [`Limits::grace`]. If
    /// the session is closed more than once, the first reason counts.
    pub fn close(&self, reason: impl Into<Cow<'static, str>>) {
        self.peer.close(CloseReason::Told(reason.into()));
    }

    /// What was counted of the session so far.
    pub fn stats(&self) -> SessionStats {
        self.peer.stats()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token, which would let whoever reads a log in.
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("arrival", &self.arrival)
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl Caller for RpcSession {
    fn peer(&self) -> &Peer {
        &self.peer
    }
}

#[diagnostic::do_not_recommend]
impl Inject for RpcSession {}

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    last_id: AtomicU64,
    open: Mutex<Open>,
    pub(crate) places: Places,
    pub(crate) tally: Tally,
    pub(crate) connected: Listeners,
    pub(crate) disconnected: Listeners,
}

#[derive(Debug, Default)]
struct Open {
    sessions: BTreeMap<u64, RpcSession>,
    /// The same as a list, made when somebody wants one: broadcasts are more frequent than clients.
    list: Option<Arc<Vec<RpcSession>>>,
}

/// A session while it is open: dropping this takes it out of the list.
#[derive(Debug)]
pub(crate) struct OpenSession {
    context: DevToolsContext,
    session: RpcSession,
    place: Option<Place>,
}

impl Sessions {
    /// What was counted of the sessions, those that are open and those that have ended.
    pub(crate) fn stats(&self) -> Stats {
        let open = lock(&self.open);
        let opened = self.last_id.load(Ordering::Relaxed);
        self.tally
            .stats(opened, open.sessions.values().map(RpcSession::stats))
    }

    /// The open sessions, in the order they connected.
    pub(crate) fn list(&self) -> Arc<Vec<RpcSession>> {
        let Open { sessions, list } = &mut *lock(&self.open);
        let list = list.get_or_insert_with(|| Arc::new(sessions.values().cloned().collect()));
        Arc::clone(list)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No critical section can leave the value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpenSession {
    /// Opens a session over `peer`, which is used while its access allows it, which it owes to `token`.
    pub(crate) fn new(
        context: &DevToolsContext,
        arrival: Arrival,
        token: Option<String>,
        peer: Peer,
        place: Place,
    ) -> Self {
        let sessions = context.sessions();
        let id = sessions.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let session = RpcSession::new(id, arrival, token, peer.with_timeout(CALL_TIMEOUT));
        {
            let mut open = lock(&sessions.open);
            open.sessions.insert(id, session.clone());
            open.list = None;
        }
        sessions.connected.tell(&session);
        Self {
            context: context.clone(),
            session,
            place: Some(place),
        }
    }

    pub(crate) fn session(&self) -> &RpcSession {
        &self.session
    }
}

impl OpenSession {
    /// Takes out the place, which the session then does not free as it ends.
    pub(crate) fn keep_place(&mut self) -> Option<Place> {
        self.place.take()
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let sessions = self.context.sessions();
        {
            // Together: whoever sees the list without it finds its numbers in the sums, and its place free.
            let mut open = lock(&sessions.open);
            open.sessions.remove(&self.session.id());
            open.list = None;
            sessions.tally.ended(self.session.stats());
            drop(self.place.take());
        }
        sessions.disconnected.tell(&self.session);
    }
}
