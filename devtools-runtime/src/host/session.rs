//! A session: a connected client of a context, as its functions see it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::function::{CallError, FunctionList, Inject};
use crate::host::arrival::{Arrival, SessionTransport};
use crate::host::trust::ClientIdentity;
use crate::mutex::Mutex;
use crate::peer::{
    AccessCell, Caller, CloseReason, ConnectionAccess, Limits, Peer, SessionStats, WithFunctions,
};
use crate::wire::Encoding;

/// A connected client of a context. Cloning is cheap, and all clones are the same session.
///
/// A function takes the session that calls it by reference, `&RpcSession`. The program calls functions of the client through
/// the session: `ClientUpdate::call(session, …)`.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::{CallError, RpcSession, rpc_function};
///
/// /// A function of the panels.
/// #[rpc_function(name = "docs-of-session:confirm", kind = "action", side = "client")]
/// async fn confirm(question: String) -> bool;
///
/// /// Asks only the panel that calls this function.
/// #[rpc_function(name = "docs-of-session:remove", kind = "action")]
/// async fn remove(session: &RpcSession, path: String) -> Result<bool, CallError> {
///     let session = session.with_timeout(Duration::from_secs(600)); // people take their time
///     Confirm::call(&session, format!("Remove {path}?")).await
/// }
/// ```
#[derive(Debug, Clone)]
pub struct RpcSession {
    shared: Arc<Session>,
    peer: Peer,
}

struct Session {
    id: u64,
    arrival: Arrival,
    /// The credential that makes the session trusted. The lock is held for a clone or a store.
    credential: Mutex<Option<Credential>>,
}

/// The token that makes a session trusted, and the identity of the client that sent it.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) token: Arc<str>,
    pub(crate) identity: Arc<ClientIdentity>,
}

impl RpcSession {
    pub(super) fn new(
        id: u64,
        arrival: Arrival,
        credential: Option<Credential>,
        peer: Peer,
    ) -> Self {
        let shared = Arc::new(Session {
            id,
            arrival,
            credential: Mutex::new(credential),
        });
        Self { shared, peer }
    }

    /// The session of a function that the program itself invokes. It has no client.
    pub(crate) fn local() -> Self {
        let arrival = Arrival::local();
        let (closing, access) = (CancellationToken::new(), Arc::clone(&arrival.access));
        let (peer, _) = Peer::new(&Arc::<Limits>::default(), closing, access);
        Self::new(0, arrival, None, peer)
    }

    /// Returns the number of the session. The first session of a context has 1, and no number is used twice. 0 is the
    /// program itself.
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// Returns whether the session stands for the program itself, which has no connection.
    pub(crate) fn is_local(&self) -> bool {
        self.shared.id == 0
    }

    /// Returns whether the session may call every function and receives broadcasts. With [`Auth::None`](crate::Auth::None),
    /// and inside the process, every session is trusted from the start.
    pub fn is_trusted(&self) -> bool {
        self.peer.is_open()
    }

    /// Waits until the session is trusted. Returns `false` if it ends before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn trusted(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shared.arrival.access.opened() => true,
            () = self.closed() => false,
        }
    }

    /// Returns the transport of the session.
    pub fn transport(&self) -> SessionTransport {
        self.shared.arrival.transport
    }

    /// Returns the origin of the page that the session belongs to, such as `http://localhost:5173`. `None` if the client is a
    /// program.
    pub fn origin(&self) -> Option<&str> {
        self.shared.arrival.origin.as_deref()
    }

    /// Returns the address of a page that signs this client in with a one-time code.
    pub(crate) fn sign_in_page(&self) -> Option<&str> {
        self.shared.arrival.sign_in_page.as_deref()
    }

    /// Returns the `User-Agent` of the client's HTTP request.
    pub fn user_agent(&self) -> Option<&str> {
        self.shared.arrival.user_agent.as_deref()
    }

    /// Returns the address that the client connects from, if it is known. The program's own server knows it. An application
    /// that mounts the service can put the client's [`SocketAddr`](std::net::SocketAddr) into the extensions of the
    /// request.
    pub fn address(&self) -> Option<IpAddr> {
        self.shared.arrival.address
    }

    /// Returns a value from the extensions of the client's HTTP request, such as axum's `ConnectInfo` or the user that a
    /// middleware has identified.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.shared.arrival.extensions.get()
    }

    /// Returns the roles of the session: those of the [`Token`](crate::trust::Token) that it has sent, or those that the
    /// gate gives to [clients that sign in with a code](crate::Gate::code_roles). The list is empty without a gate, and
    /// before the session is trusted.
    ///
    /// A client inside the process has every role, and this list is empty, unless it was
    /// [made with roles](crate::DevTools::client_with_roles).
    pub fn roles(&self) -> Vec<String> {
        self.identity().map_or(Vec::new(), |it| it.roles.clone())
    }

    /// Returns whether the session has this role. A client inside the process has every role, unless it was
    /// [made with roles](crate::DevTools::client_with_roles).
    pub fn has_role(&self, role: &str) -> bool {
        match self.identity() {
            Some(identity) => identity.roles.iter().any(|it| it == role),
            None => self.transport() == SessionTransport::Local,
        }
    }

    /// Returns the name of the [`Token`](crate::trust::Token) that the session has sent, if the token has one.
    pub fn token_name(&self) -> Option<String> {
        self.identity()?.name.clone()
    }

    fn identity(&self) -> Option<Arc<ClientIdentity>> {
        let credential = self.shared.credential.lock();
        let brought = credential.as_ref().map(|it| &it.identity);
        brought.or(self.shared.arrival.identity.as_ref()).cloned()
    }

    /// Returns the same session with another timeout for calls of its client, which then fail with
    /// [`CallError::Timeout`](crate::CallError::Timeout). The default is 60 seconds, as in the
    /// JavaScript server ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            peer: self.peer.with_timeout(timeout),
        }
    }

    /// Returns the same session with the list of its client's functions, for [`call!`](macro@crate::call).
    pub fn with_functions<L: FunctionList>(&self) -> WithFunctions<Self, L> {
        WithFunctions::new(self.clone())
    }

    /// Makes the session trusted because of `token`.
    pub(crate) fn trust(&self, token: &str, identity: Arc<ClientIdentity>) {
        *self.shared.credential.lock() = Some(Credential {
            token: token.into(),
            identity,
        });
        self.shared.arrival.access.set(ConnectionAccess::Open);
    }

    /// Makes the session untrusted.
    pub(crate) fn distrust(&self) {
        self.shared
            .arrival
            .access
            .set(ConnectionAccess::Unauthorized);
        *self.shared.credential.lock() = None;
    }

    /// Records that the session has asked for a code. Such a session is evicted later than others.
    pub(crate) fn has_asked_for_code(&self) {
        self.shared.arrival.has_asked.store(true, Ordering::Relaxed);
    }

    /// Returns the token that makes the session trusted.
    pub(crate) fn token(&self) -> Option<Arc<str>> {
        let credential = self.shared.credential.lock();
        credential.as_ref().map(|it| Arc::clone(&it.token))
    }

    /// Returns the peer, for frames that the client receives even while it is untrusted.
    pub(crate) fn peer_before_trust(&self) -> Peer {
        self.peer.before_trust()
    }

    /// Returns the cell that says whether the session's calls are admitted.
    pub(crate) fn access(&self) -> &Arc<AccessCell> {
        &self.shared.arrival.access
    }

    /// Calls a function of the client by its name, with JSON. `arguments` is a tuple, or another value that serializes as an
    /// array.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if the client has no such function, [`CallError::Remote`] with the function's error if
    /// the function failed, another variant if the request or its reply was lost.
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

    /// Calls a function of the client as [`call_dynamic`](Self::call_dynamic) does, with structured clone, which also
    /// carries `Map`, `Set` and `BigInt`. The result `undefined` is
    /// [`js::Value::Undefined`](crate::js::Value::Undefined), and other types read it as they read `null`.
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
    /// Dropping the future loses nothing.
    pub async fn closed(&self) {
        self.peer.closed().await;
    }

    /// Returns whether the session has ended.
    pub fn is_closed(&self) -> bool {
        self.peer.is_closed()
    }

    /// Ends the session. A WebSocket is closed with code 1008 and the first 123 bytes of the reason. An event stream ends
    /// without a reason.
    ///
    /// Replies of calls that still run are delivered if the client reads them within [`Limits::grace`]. If the session is
    /// closed more than once, the first reason counts.
    pub fn close(&self, reason: impl Into<Cow<'static, str>>) {
        self.peer.close(CloseReason::Requested(reason.into()));
    }

    /// Returns the counters of the session.
    pub fn stats(&self) -> SessionStats {
        self.peer.stats()
    }
}

// The token is left out: it would let a reader of the log sign in.
crate::debug_impl! { Session { id, arrival, .. } }

#[diagnostic::do_not_recommend]
impl Caller for RpcSession {
    fn peer(&self) -> &Peer {
        &self.peer
    }
}

#[diagnostic::do_not_recommend]
impl Inject for RpcSession {}
