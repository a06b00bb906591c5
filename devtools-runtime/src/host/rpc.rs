//! The functions of a context, and the sessions that call them.

use crate::function::{FunctionDefinition, FunctionInfo};
use crate::host::audience::Audience;
use crate::host::broadcast::broadcast_at_once;
use crate::host::context::DevToolsContext;
use crate::host::fleet::{Directory, FleetSession};
use crate::host::register::{FunctionChanges, RegisterError, check};
use crate::host::session::RpcSession;
use crate::host::shared_state::SharedStates;
use crate::host::stats::Stats;
use crate::host::streaming::StreamingHost;
use crate::host::trust::revoke;
use crate::protocol::cache::InvalidateCache;
use crate::state::{SharedState, SharedStateError, SharedValue, StateOptions};

/// The functions and sessions of a context, from [`DevToolsContext::rpc`].
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let rpc = devtools.context().rpc();
/// rpc.register(define_rpc_function("my-plugin:get-answer").handler(|| 42))?;
/// assert_eq!(rpc.invoke_local::<u32>("my-plugin:get-answer", ()).await?, 42);
///
/// rpc.update(define_rpc_function("my-plugin:get-answer").handler(|| 43))?;
/// assert_eq!(rpc.invoke_local::<u32>("my-plugin:get-answer", ()).await?, 43);
/// assert!(rpc.unregister("my-plugin:get-answer"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RpcHost<'a> {
    context: &'a DevToolsContext,
}

/// The error of a request for the schema of a function that does not exist.
///
/// ```
/// use devtools_runtime::DevTools;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let error = devtools.context().rpc().get_schema("my-plugin:misspelt").unwrap_err();
/// assert_eq!(error.0, "my-plugin:misspelt");
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "typescript")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no function named `{0}`, so it has no schema")]
pub struct UnknownFunction(pub String);

impl DevToolsContext {
    /// The functions and the sessions of a context.
    pub fn rpc(&self) -> RpcHost<'_> {
        RpcHost::new(self)
    }
}

impl<'a> RpcHost<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    pub(super) fn context(self) -> &'a DevToolsContext {
        self.context
    }

    /// Registers a function: an annotated one, `GetModule::definition()`, or a closure,
    /// [`define_rpc_function`](crate::define_rpc_function).
    ///
    /// Annotated functions are collected automatically. Register them by hand only in programs that do not collect. The
    /// same function may be registered and collected.
    ///
    /// Connected clients can call the function from now on. Clients that cache results are notified that their cache is out
    /// of date ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)).
    ///
    /// # Errors
    ///
    /// If another function has the name already (the error names both source locations), or the name or the combination of
    /// kind and options is invalid.
    pub fn register(self, function: FunctionDefinition) -> Result<(), RegisterError> {
        check(&function)?;
        self.context.functions().insert(function)?;
        self.invalidate();
        Ok(())
    }

    /// Registers a function, and replaces the function of the same name, if there is one.
    ///
    /// # Errors
    ///
    /// If the name or the combination of kind and options is invalid.
    pub fn force(self, function: FunctionDefinition) -> Result<(), RegisterError> {
        check(&function)?;
        self.context.functions().replace(function);
        self.invalidate();
        Ok(())
    }

    /// Replaces the function of the same name. Running calls continue with the replaced function.
    ///
    /// # Errors
    ///
    /// If there is no function of this name, or the combination of kind and options is invalid.
    pub fn update(self, function: FunctionDefinition) -> Result<(), RegisterError> {
        check(&function)?;
        let name = function.owned_name();
        if !self.context.functions().update(function) {
            return Err(RegisterError::Unknown(name));
        }
        self.invalidate();
        Ok(())
    }

    /// Removes a function. Returns `false` if there is none of this name. Running calls continue.
    pub fn unregister(self, name: &str) -> bool {
        let removed = self.context.functions().remove(name);
        if removed {
            #[cfg(feature = "metrics")]
            if let Some(metrics) = &self.context.settings().metrics {
                metrics.forget(name);
            }
            self.invalidate();
        }
        removed
    }

    /// Returns a stream of the changes to the functions from now on.
    pub fn on_changed(self) -> FunctionChanges {
        FunctionChanges(self.context.functions().subscribe())
    }

    /// Returns the function of this name.
    pub fn get(self, name: &str) -> Option<FunctionDefinition> {
        self.context.functions().snapshot().get(name).cloned()
    }

    /// Returns the parameters and the result of a function as JSON Schema.
    ///
    /// # Errors
    ///
    /// If there is no function of this name ([protocol
    /// 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name), DF0023).
    #[cfg(feature = "typescript")]
    pub fn get_schema(
        self,
        name: &str,
    ) -> Result<crate::function::FunctionSchema, UnknownFunction> {
        let function = self
            .get(name)
            .ok_or_else(|| UnknownFunction(name.to_owned()))?;
        Ok(function.schema())
    }

    /// Notifies the clients that cache results that their cache is out of date.
    fn invalidate(self) {
        // This function is not async, so it cannot wait for room in the queues.
        if let Err(error) = broadcast_at_once::<InvalidateCache>(self.audience(), &()) {
            tracing::warn!(%error, "clients could not be notified of changed functions, so they may use cached results");
        }
    }

    /// Returns whether there is a function of this name.
    pub fn has(self, name: &str) -> bool {
        self.context.functions().snapshot().contains_key(name)
    }

    /// Returns the functions, sorted by name.
    pub fn list(self) -> Vec<FunctionDefinition> {
        let mut functions: Vec<_> = self
            .context
            .functions()
            .snapshot()
            .values()
            .cloned()
            .collect();
        functions.sort_unstable_by(|a, b| a.name().cmp(b.name()));
        functions
    }

    /// Returns the descriptions of all functions, sorted by name: the functions of this context, and the client functions
    /// that the program declares. Functions of [workers](crate::DevToolsBuilder::use_workers) have the description of the worker.
    ///
    /// In [`Mode::Dev`](crate::Mode::Dev), trusted sessions get the same list from the query `devtools-runtime:functions`.
    pub fn describe(self) -> Vec<FunctionInfo> {
        let (own, of_clients) = (self.list(), &self.context.settings().client_functions);
        let workers = self.context.own_state::<Directory>();
        let own = own.iter().map(|function| {
            let forwarded = workers.forwarded(function.name());
            forwarded.map_or_else(|| FunctionInfo::from(function), |it| it.info)
        });
        let mut all: Vec<_> = own
            .chain(of_clients.iter().map(FunctionInfo::from))
            .collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Revokes the trust of a session, and of every other session with the same token. These sessions are notified, cannot
    /// call functions any more, and receive no more broadcasts ([protocol 4.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#46-revocation)). Their connections stay open.
    ///
    /// # Errors
    ///
    /// If the token could not be removed from its file. It becomes valid again when the program restarts. If the session belongs to
    /// another process, also if that process did not answer.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may leave the sessions trusted.
    pub async fn revoke(self, session: impl Into<FleetSession>) -> std::io::Result<()> {
        let session = session.into();
        match session.local() {
            Some(session) => revoke(self.context, session).await,
            None => session.revoke_elsewhere().await,
        }
    }

    /// Returns the sessions that are open, trusted or not, in the order they connected.
    pub fn sessions(self) -> Vec<RpcSession> {
        self.context.sessions().list().to_vec()
    }

    /// Returns the statistics since the program was built: the counters of sessions, calls and frames, and of the limits
    /// that were reached.
    pub fn stats(self) -> Stats {
        self.context.sessions().stats()
    }

    /// Calls `listener` with each session that connects from now on, before its first call is answered. The session may
    /// still be untrusted: [`RpcSession::trusted`] waits until it is trusted.
    ///
    /// The listener runs in the task of the connection, so start a task for slow work.
    pub fn on_connect(self, listener: impl Fn(&RpcSession) + Send + Sync + 'static) {
        self.context.sessions().connected.add(listener);
    }

    /// Calls `listener` with each session that ends from now on.
    ///
    /// The listener runs in the task of the connection, so start a task for slow work.
    pub fn on_disconnect(self, listener: impl Fn(&RpcSession) + Send + Sync + 'static) {
        self.context.sessions().disconnected.add(listener);
    }

    /// Returns the streaming channels.
    pub fn streaming(self) -> StreamingHost<'a> {
        StreamingHost::new(self.context)
    }

    /// Opens the shared state `key`, a value that the program and its clients share. Creates it with `initial` if there is
    /// none. Keys have the form `scope:name`, like the names of functions.
    ///
    /// ```
    /// # use devtools_runtime::DevToolsContext;
    /// # use devtools_runtime::state::SharedStateError;
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Debug, Clone, Default, Serialize, Deserialize)]
    /// struct Progress {
    ///     done: u32,
    ///     current: Option<String>,
    /// }
    ///
    /// # fn example(ctx: &DevToolsContext) -> Result<(), Box<dyn std::error::Error>> {
    /// let progress = ctx.rpc().shared_state("my-plugin:progress", Progress::default())?;
    /// progress.mutate(|progress| progress.done += 1)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Clients can read and change it too ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)). A value that is not a `T` is refused, and untrusted clients have no access.
    /// [`shared_states`](Self::shared_states) has further operations, and
    /// [`rpc_shared_state`](macro@crate::rpc_shared_state) declares a state for both sides.
    ///
    /// # Errors
    ///
    /// If the state has another type, if the key belongs to the runtime, such as `devframe:docks`, or if `initial` cannot
    /// be encoded.
    pub fn shared_state<T: SharedValue>(
        self,
        key: &str,
        initial: T,
    ) -> Result<SharedState<T>, SharedStateError> {
        let options = StateOptions::new();
        self.context.states().open(key, initial, options)
    }

    /// Returns all shared states.
    pub fn shared_states(self) -> SharedStates<'a> {
        SharedStates::new(self.context.states())
    }

    /// Returns the recipients of a broadcast to all trusted sessions.
    pub fn audience(self) -> Audience {
        self.context.into()
    }
}
