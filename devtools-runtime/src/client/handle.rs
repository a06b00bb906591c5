//! The client's handle.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::client::trust::TokenCell;
use crate::client::{ConnectError, ConnectionStatus, DevToolsRpcClientBuilder};
use crate::function::{
    CallError, ClientFunction, ClientHandler, FunctionDefinition, FunctionList, Implementation,
    Place, Registry, RpcFunction, Scope, SharedScope, Side,
};
use crate::peer::{
    Access, AccessCell, Caller, CloseReason, DetachedCalls, Driver, Functions, Limits,
    ListedCaller, Peer, ResultCache, Transport,
};
use crate::state::{
    ClientStates, RpcSharedState, SharedState, SharedStateError, SharedValue, StateCarrier as _,
};
use crate::streaming::{ClientStreams, StreamingClient};
use crate::wire::Encoding;

/// A connection to a server, written in Rust or JavaScript. Cloning is cheap and gives the same
/// connection, which closes with its last clone.
///
/// ```no_run
/// use devtools_runtime::{DevToolsRpcClient, rpc_function};
///
/// /// What the server has.
/// #[rpc_function(name = "my-plugin:greet")]
/// async fn greet(name: String, greeting: Option<String>) -> String;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let rpc = DevToolsRpcClient::connect("http://127.0.0.1:7812/__devtools/").await?;
/// println!("{}", Greet::call(&rpc, "Ada", None).await?);
/// # Ok(())
/// # }
/// ```
///
/// `L` is the list of the functions that the server has, for [`call!`](macro@crate::call): see
/// [`rpc_functions!`](crate::rpc_functions). Without one, each function is called through its own type.
pub struct DevToolsRpcClient<L = ()> {
    peer: Peer,
    shared: Arc<Shared>,
    functions: PhantomData<fn() -> L>,
}

struct Shared {
    /// The functions that the server can call.
    functions: Registry,
    status: watch::Receiver<ConnectionStatus>,
    token: TokenCell,
    streams: Arc<ClientStreams>,
    states: Arc<ClientStates>,
    /// Ends the connection's task, politely, when the last handle is gone.
    _closes: DropGuard,
}

impl DevToolsRpcClient {
    /// Connects to the server whose functions are mounted at `url`, such as
    /// `http://127.0.0.1:7812/__devtools/`. [`builder`](Self::builder) takes options, such as a token.
    ///
    /// The connection metadata there says how the server is reached ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)). A connection that is lost
    /// is made again; see [`status`](Self::status). Where it says that there is a static dump, this opens it, as
    /// [`open_static`](Self::open_static) does.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is no server of this protocol, or does not trust this client.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the connection it has made so far.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Begins to say how to connect to the server whose functions are mounted at `url`.
    pub fn builder(url: &str) -> DevToolsRpcClientBuilder {
        DevToolsRpcClientBuilder::new(url)
    }

    pub(super) fn new(
        peer: Peer,
        functions: Registry,
        status: watch::Receiver<ConnectionStatus>,
        token: TokenCell,
        streams: Arc<ClientStreams>,
        shared_states: Arc<ClientStates>,
        closes: DropGuard,
    ) -> Self {
        Self {
            peer,
            shared: Arc::new(Shared {
                functions,
                status,
                token,
                streams,
                states: shared_states,
                _closes: closes,
            }),
            functions: PhantomData,
        }
    }

    /// A client at the other end of `transport`, served by a task of its own. It is trusted, and does not come
    /// back.
    pub(crate) fn over<T>(transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        Self::sharing(ClientStates::new(limits), transport, limits)
    }

    /// The same for a dump, which cannot be told of changes.
    pub(crate) fn over_dump<T>(transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        Self::sharing(ClientStates::of_dump(limits), transport, limits)
    }

    fn sharing<T>(shared: ClientStates, transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        let limits = Arc::new(*limits);
        let closing = CancellationToken::new();
        let access = Arc::new(AccessCell::new(Access::Open));
        let cache = Arc::new(ResultCache::new(false));
        let (peer, mut queue) = Peer::keeping(&limits, closing.clone(), access, Some(cache));
        let functions = Registry::new();
        let streams = ClientStreams::new(peer.clone(), &functions);
        streams.resume();
        let shared = Arc::new(shared);
        shared.hear(&functions);
        let answers = Functions::new(functions.subscribe(), Arc::new(NoScope) as SharedScope);
        let (changes, status) = watch::channel(ConnectionStatus::Connected);
        let reading = Arc::clone(&streams);
        let (synced, speaker) = (Arc::clone(&shared), peer.clone());
        // The task owns itself: it ends with the connection, which ends with the last handle.
        drop(tokio::spawn(async move {
            let mut driver = Driver::new(transport, answers, &mut queue);
            let ended = tokio::select! {
                ended = driver.run() => ended,
                never = synced.sync(&speaker) => match never {},
            };
            let left_behind = driver.into_running();
            if let Err(error) = ended {
                tracing::debug!(%error, "the connection broke");
            }
            drop(queue);
            reading.close();
            changes.send_replace(ConnectionStatus::Disconnected);
            let detached = DetachedCalls::default().add(left_behind.running_to_end());
            left_behind.finish(detached).await;
        }));
        let token = TokenCell::default();
        Self::new(
            peer,
            functions,
            status,
            token,
            streams,
            shared,
            closing.drop_guard(),
        )
    }
}

impl<L> DevToolsRpcClient<L> {
    /// What the connection is doing, now and from now on.
    ///
    /// ```no_run
    /// # use devtools_runtime::DevToolsRpcClient;
    /// # use devtools_runtime::client::ConnectionStatus;
    /// # async fn example(rpc: DevToolsRpcClient) {
    /// let mut status = rpc.status();
    /// while status.changed().await.is_ok() {
    ///     println!("{}", *status.borrow_and_update());
    /// }
    /// # }
    /// ```
    pub fn status(&self) -> watch::Receiver<ConnectionStatus> {
        self.shared.status.clone()
    }

    /// The token that the server knows this client by, to be kept for the next time. `None` if there is none,
    /// as where nobody is kept out.
    pub fn auth_token(&self) -> Option<String> {
        self.shared.token.get()
    }

    /// The same connection, for calls that fail with [`CallError::Timeout`] after this long.
    ///
    /// Without it a call waits until its reply comes or the connection ends, as in JavaScript. After a call that failed so the
    /// server is asked for a sign of life, and the connection is made anew if none comes:
    /// [`ConnectionStatus::Suspicious`].
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            peer: self.peer.with_timeout(timeout),
            ..self.clone()
        }
    }

    /// The same connection, with the list of the functions that the server has, for [`call!`](macro@crate::call).
    /// A tuple of lists is one too.
    #[must_use]
    pub fn with_functions<M: FunctionList>(&self) -> DevToolsRpcClient<M> {
        DevToolsRpcClient {
            peer: self.peer.clone(),
            shared: Arc::clone(&self.shared),
            functions: PhantomData,
        }
    }

    /// Calls a function that is known by name only, with JSON. `arguments` is a tuple, or anything else
    /// that is written as an array.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, rpc_function};
    /// # #[rpc_function(name = "my-plugin:sum")]
    /// # fn sum(a: i64, b: i64) -> i64 { a + b }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().build().await?;
    /// # let rpc = devtools.client();
    /// let sum: i64 = rpc.call_dynamic("my-plugin:sum", (2, 3)).await?;
    /// assert_eq!(sum, 5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if the server has no such function, [`CallError::Remote`] with its
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

    /// As [`call_dynamic`](Self::call_dynamic), with structured clone: a `Map`, a `Set` or a `BigInt` stays what it is,
    /// where the function takes more than JSON. A result that is `undefined` is read as `null`.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, js, rpc_function};
    /// # #[rpc_function(name = "my-plugin:echo", encoding = "structured-clone")]
    /// # fn echo(value: js::Value) -> js::Value { value }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().build().await?;
    /// # let rpc = devtools.client();
    /// let id = js::Value::BigInt((1_i64 << 60).into());
    /// let same: js::Value = rpc.call_structured("my-plugin:echo", (&id,)).await?;
    /// assert_eq!(same, id);
    /// # Ok(())
    /// # }
    /// ```
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

    /// A value that the server shares: it waits for it, and keeps in step from then on, over reconnections too.
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, Clone, Serialize, Deserialize)]
    /// struct Progress {
    ///     done: u32,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().without_collected().build().await?;
    /// # devtools.context().rpc().shared_state("my-plugin:progress", Progress { done: 3 })?;
    /// # let rpc = devtools.client();
    /// let progress = rpc.shared_state::<Progress>("my-plugin:progress").await?;
    /// assert_eq!(progress.value().done, 3);
    /// progress.mutate(|progress| progress.done = 0)?; // seen by all
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The same key gives the same state. The handle does not keep the connection: once that has ended for good, the
    /// value is the client's alone. [`rpc_shared_state`](macro@crate::rpc_shared_state) declares key and type once for both sides.
    ///
    /// # Errors
    ///
    /// If the server has no state of this key, or one of another type; if this client has opened it with another type;
    /// or if the connection has ended for good. While it is lost and made again, this waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the state is opened all the same.
    pub async fn shared_state<T: SharedValue>(
        &self,
        key: &str,
    ) -> Result<SharedState<T>, SharedStateError> {
        self.shared.states.open(key, None, self.peer.closed()).await
    }

    /// A value that the server shares, or may come to share: it is `initial` until the server says otherwise, and
    /// there at once.
    ///
    /// Where both are objects, fields that the server's value does not have are those of `initial`, now and later
    /// ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)). The server does not learn of `initial` before the state is changed.
    ///
    /// # Errors
    ///
    /// If this client has opened the state with another type, or `initial` cannot be written.
    ///
    /// # Cancel safety
    ///
    /// As [`shared_state`](Self::shared_state).
    pub async fn shared_state_or<T: SharedValue>(
        &self,
        key: &str,
        initial: T,
    ) -> Result<SharedState<T>, SharedStateError> {
        let closed = self.peer.closed();
        self.shared.states.open(key, Some(initial), closed).await
    }

    /// Opens a declared state.
    pub(crate) async fn open_declared<S: RpcSharedState>(
        &self,
        initial: Option<S::Value>,
    ) -> Result<SharedState<S::Value>, SharedStateError> {
        let closed = self.peer.closed();
        S::Carrier::open(&self.shared.states, S::NAME, initial, closed).await
    }

    /// Implements a function of the client, for the server to call.
    ///
    /// A later handler for the same function replaces an earlier one.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, rpc_function};
    /// #[rpc_function(name = "my-plugin:highlight", kind = "action", side = "client")]
    /// async fn highlight(selector: String) -> bool;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().build().await?;
    /// # let rpc = devtools.client();
    /// rpc.register::<Highlight>(|selector: String| async move { selector == "#app" });
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn register<F: RpcFunction>(&self, handler: impl ClientHandler<F>) {
        const {
            assert!(
                matches!(F::SIDE, Side::Client),
                "a function of the server cannot be implemented by a client"
            );
        };
        let place = Place::of_caller();
        self.shared
            .functions
            .replace(ClientFunction::definition(handler, place));
    }

    /// Implements a function of the client with one that is annotated and has a body, as
    /// [`register`](Self::register) does with a closure.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, rpc_function};
    /// /// Says what the client is.
    /// #[rpc_function(name = "my-plugin:describe", side = "client")]
    /// fn describe() -> String {
    ///     "a terminal".to_owned()
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().build().await?;
    /// # let rpc = devtools.client();
    /// rpc.implement::<Describe>();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A client has nothing that it could supply by reference: a function that takes a `&T` does not
    /// compile here.
    #[track_caller]
    pub fn implement<F: Implementation>(&self) {
        const {
            assert!(
                matches!(F::SIDE, Side::Client),
                "a function of the server cannot be implemented by a client"
            );
            assert!(
                F::INJECTED.is_empty(),
                "a client has nothing that it could supply by reference"
            );
        };
        let place = Place::of_caller();
        self.shared
            .functions
            .replace(FunctionDefinition::of::<F>(place));
    }

    /// The streams of the server, to be read, and uploads to it.
    pub fn streaming(&self) -> StreamingClient<'_> {
        StreamingClient::new(&self.shared.streams)
    }

    /// Whether the connection has ended for good.
    pub fn is_closed(&self) -> bool {
        self.peer.is_closed()
    }

    /// Resolves once the connection has ended for good: it was closed, the server does not trust the client any
    /// more, or it was lost and is not to be made again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) {
        self.peer.closed().await;
    }

    /// Ends the connection for all clones. Calls that wait fail with [`CallError::Disconnected`].
    pub fn close(&self) {
        self.peer.close(CloseReason::Over);
    }
}

#[diagnostic::do_not_recommend]
impl<L> Caller for DevToolsRpcClient<L> {
    fn peer(&self) -> &Peer {
        &self.peer
    }
}

#[diagnostic::do_not_recommend]
impl<L: FunctionList> ListedCaller for DevToolsRpcClient<L> {
    type Functions = L::Itself;

    fn listed_peer(&self) -> &Peer {
        &self.peer
    }
}

impl<L> Clone for DevToolsRpcClient<L> {
    fn clone(&self) -> Self {
        Self {
            peer: self.peer.clone(),
            shared: Arc::clone(&self.shared),
            functions: PhantomData,
        }
    }
}

impl<L> fmt::Debug for DevToolsRpcClient<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token, which would let whoever reads a log in.
        f.debug_struct("DevToolsRpcClient")
            .field("status", &*self.shared.status.borrow())
            .finish_non_exhaustive()
    }
}

/// A client has no context: its functions take no references.
pub(super) struct NoScope;

impl Scope for NoScope {
    fn find(&self, _type_id: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}
