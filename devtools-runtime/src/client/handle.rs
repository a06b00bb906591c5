//! The client: a handle to a connection that reconnects.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_util::sync::DropGuard;

use crate::client::status::ConnectionStatus;
use crate::client::token::TokenCell;
use crate::function::{
    CallError, ClientFunction, ClientHandler, FunctionDefinition, FunctionList, Implementation,
    Registry, RpcFunction, Side, SourceLocation,
};
use crate::peer::{Caller, CloseReason, ListedCaller, Peer};
use crate::state::{
    ClientStates, RpcSharedState, SharedState, SharedStateError, SharedValue, StateCarrier as _,
};
use crate::streaming::{ClientStreams, StreamingClient};
use crate::wire::Encoding;

/// A client that is connected to a server, which may be written in Rust or JavaScript. Cloning is cheap, and all clones share
/// one connection, which closes when the last clone is dropped.
///
/// ```no_run
/// use devtools_runtime::{DevToolsRpcClient, rpc_function};
///
/// /// Greets somebody.
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
/// `L` is the list of the server's functions for [`call!`](macro@crate::call), made with
/// [`rpc_functions!`](crate::rpc_functions). Without a list, each function is called through its own type.
pub struct DevToolsRpcClient<L = ()> {
    peer: Peer,
    shared: Arc<ClientParts>,
    functions: PhantomData<fn() -> L>,
}

struct ClientParts {
    /// The functions that the server can call.
    functions: Registry,
    status: watch::Receiver<ConnectionStatus>,
    token: TokenCell,
    streams: Arc<ClientStreams>,
    states: Arc<ClientStates>,
    /// Closes the connection when the last clone is dropped.
    _closes: DropGuard,
}

impl DevToolsRpcClient {
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
            shared: Arc::new(ClientParts {
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
}

impl<L> DevToolsRpcClient<L> {
    /// A watch channel with the status of the connection.
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

    /// The token with which the server trusts this client. Store it to connect without a code the next time. `None` if there is
    /// no token, as with a server that trusts every client.
    pub fn auth_token(&self) -> Option<String> {
        self.shared.token.get()
    }

    /// Returns the same client with a timeout for calls, which then fail with [`CallError::Timeout`].
    ///
    /// Without a timeout, a call waits until its reply arrives or the connection ends, as in JavaScript. After a timeout the
    /// client checks whether the server still answers, and reconnects if it does not: see [`ConnectionStatus::Suspicious`].
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            peer: self.peer.with_timeout(timeout),
            ..self.clone()
        }
    }

    /// Returns the same client with the list of the server's functions, for [`call!`](macro@crate::call). A tuple of lists is
    /// a list too.
    #[must_use]
    pub fn with_functions<M: FunctionList>(&self) -> DevToolsRpcClient<M> {
        DevToolsRpcClient {
            peer: self.peer.clone(),
            shared: Arc::clone(&self.shared),
            functions: PhantomData,
        }
    }

    /// Calls a function by its name, with JSON. `arguments` is a tuple, or another value that serializes as an array.
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
    /// [`CallError::UnknownFunction`] if the server has no such function, [`CallError::Remote`] with the function's
    /// error if the function failed, another variant if the request or its reply was lost.
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

    /// Calls a function as [`call_dynamic`](Self::call_dynamic) does, with structured clone, which also carries `Map`, `Set`
    /// and `BigInt` if the function declares structured clone. The result `undefined` is
    /// [`js::Value::Undefined`](crate::js::Value::Undefined), and other types read it as they read `null`.
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

    /// Opens a shared state of the server. This waits for its value, and the state then stays synchronized, also across
    /// reconnections.
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
    /// Two calls with the same key return the same state. The state does not keep the connection open: after the connection
    /// has ended for good, changes stay local. [`rpc_shared_state`](macro@crate::rpc_shared_state) declares key and
    /// type once for both sides.
    ///
    /// # Errors
    ///
    /// If the server has no state with this key, or one of another type; if this client has opened it with another type;
    /// or if the connection has ended for good. While the client reconnects, this waits.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the state is opened anyway.
    pub async fn shared_state<T: SharedValue>(
        &self,
        key: &str,
    ) -> Result<SharedState<T>, SharedStateError> {
        self.shared.states.open(key, None, self.peer.closed()).await
    }

    /// Opens a shared state at once, with the value `initial` until the server's value arrives. The server may create the state
    /// later.
    ///
    /// If both values are objects, fields that the server's value lacks are taken from `initial`, now and later
    /// ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)). The server does not receive `initial` before the state is changed.
    ///
    /// # Errors
    ///
    /// If this client has opened the state with another type, or `initial` cannot be serialized.
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
        let location = SourceLocation::of_caller("");
        self.shared
            .functions
            .replace(ClientFunction::definition(handler, location));
    }

    /// Implements a function of the client with the body of its annotated function.
    /// [`register`](Self::register) implements one with a closure.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, rpc_function};
    /// /// Describes the client.
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
    /// A client has no context and no state, so a function that takes a `&T` does not compile here.
    #[track_caller]
    pub fn implement<F: Implementation>(&self) {
        const {
            assert!(
                matches!(F::SIDE, Side::Client),
                "a function of the server cannot be implemented by a client"
            );
            assert!(
                F::INJECTED.is_empty(),
                "a function of a client cannot take references: a client has no context and no state"
            );
        };
        let location = SourceLocation::of_caller("");
        self.shared
            .functions
            .replace(FunctionDefinition::of::<F>(location));
    }

    /// Adds a function to those that the server can call. Replaces one of the same name.
    pub(crate) fn replace(&self, function: FunctionDefinition) {
        self.shared.functions.replace(function);
    }

    /// Access to the streams of the server and to uploads.
    pub fn streaming(&self) -> StreamingClient<'_> {
        StreamingClient::new(&self.shared.streams)
    }

    /// Whether the connection has ended for good.
    pub fn is_closed(&self) -> bool {
        self.peer.is_closed()
    }

    /// Waits until the connection has ended for good: it was closed, the server no longer trusts the client, or it was lost
    /// and the client does not reconnect.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) {
        self.peer.closed().await;
    }

    /// Ends the connection for all clones. Calls that wait fail with [`CallError::Disconnected`].
    pub fn close(&self) {
        self.peer.close(CloseReason::Unused);
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

// The token is left out: it would let a reader of the log sign in.
crate::debug_impl! { <L> DevToolsRpcClient<L> as it { status: *it.shared.status.borrow(), .. } }
