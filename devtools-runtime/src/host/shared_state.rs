//! The shared states of a context: the program's access to them, and the functions that clients call.

use std::time::Duration;

use crate::function::{Call, RemoteError, ReplyText, ReplyTo, RpcFunction, Started};
use crate::host::arrival::SessionTransport;
use crate::host::backplane::BackplaneError;
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{Callers, add_call};
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;
use crate::peer::Caller as _;
use crate::protocol::state::{GetState, PatchState, SetState, SubscribeState};
use crate::state::{
    RefusedRequest, SharedState, SharedStateError, SharedValue, StateOptions, States, Storing,
};
use crate::wire::{Encoding, Payload, js};

/// How long a client waits until its change is stored for the other processes.
const STORED_WITHIN: Duration = Duration::from_secs(30);

/// The code of the error for a change that is not stored.
const NOT_STORED: &str = "state-not-stored";

/// The message for a change that is not stored in time.
const LATE: &str =
    "the change was not stored for the other processes in time; it may be stored later";

/// The shared states of a context, from [`RpcHost::shared_states`](crate::context::RpcHost::shared_states).
///
/// Clients may create states too. Such a state has the type [`js::Value`](crate::js::Value) until the program opens it with
/// another type.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::state::StateOptions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let states = devtools.context().rpc().shared_states();
/// let theme = states.create("my-plugin:theme", "dark".to_owned(), StateOptions::new().read_only())?;
/// assert_eq!(*theme.value(), "dark");
/// assert!(states.keys().contains(&"my-plugin:theme".to_owned()));
/// assert!(states.delete("my-plugin:theme"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SharedStates<'a> {
    states: &'a States,
}

impl<'a> SharedStates<'a> {
    pub(crate) fn new(states: &'a States) -> Self {
        Self { states }
    }

    /// Opens a state as [`RpcHost::shared_state`](crate::context::RpcHost::shared_state) does, with options. If the state
    /// exists already, the options are ignored.
    ///
    /// # Errors
    ///
    /// As [`RpcHost::shared_state`](crate::context::RpcHost::shared_state).
    pub fn create<T: SharedValue>(
        self,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        self.states.open(key, initial, options)
    }

    /// Returns the state with this key, whether the program or a client created it, or `None` if there is no such state.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, js};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().without_collected().build().await?;
    /// # let ctx = devtools.context();
    /// ctx.rpc().shared_state("my-plugin:count", 0)?;
    /// assert!(ctx.rpc().shared_states().get::<i32>("my-plugin:count")?.is_some());
    /// assert!(ctx.rpc().shared_states().get::<js::Value>("my-plugin:other")?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the state has another type.
    pub fn get<T: SharedValue>(
        self,
        key: &str,
    ) -> Result<Option<SharedState<T>>, SharedStateError> {
        self.states.get(key)
    }

    /// Returns the keys, in the order in which the states were created.
    pub fn keys(self) -> Vec<String> {
        self.states.keys()
    }

    /// Calls `listener` with the key of each state that the program or a client creates from now on.
    ///
    /// The listener runs in the thread that creates the state, so start a task for slow work.
    pub fn on_key_added(self, listener: impl Fn(&str) + Send + Sync + 'static) {
        self.states.on_key_added(listener);
    }

    /// Waits until the other processes have every change that this process has made so far: until it is stored in the
    /// [backplane](crate::backplane). Without one, there is nothing to wait for.
    ///
    /// A change that was stored outlives this process. The reply to a change by a client comes when it is stored.
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().without_collected().build().await?;
    /// let rpc = devtools.context().rpc();
    /// rpc.shared_state("my-plugin:count", 0)?.set(1)?;
    /// rpc.shared_states().stored().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the backplane has refused a value: it is too large, or the store is full.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn stored(self) -> Result<(), BackplaneError> {
        let storing: Vec<_> = self.states.all_storing();
        for (key, storing) in storing {
            let stored = storing.end().await;
            stored.map_err(|reason| {
                BackplaneError::engine(format!("store the shared state `{key}`"), &*reason)
            })?;
        }
        Ok(())
    }

    /// Deletes a state. Returns `false` if there is no such state. Clients keep the last value that they received. The
    /// program's `SharedState` values keep working, without clients.
    pub fn delete(self, key: &str) -> bool {
        self.states.delete(key)
    }
}

/// Registers the functions that clients call.
pub(super) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    // The JavaScript clients ask for this state right after the handshake (`docs/protocol.md` 7).
    let services = js::Value::Object(Vec::new());
    let options = StateOptions::new().read_only().per_process();
    let states = context.states();
    if let Err(error) = states.open("devframe:services", services, options) {
        tracing::warn!(%error, "could not create the state `devframe:services`, which JavaScript clients subscribe to");
    }
    add_call::<SubscribeState>(context, Callers::Connected, |context, session, call| {
        answered::<SubscribeState>(session, &call.reply, {
            let states = context.states();
            let subscribed = states.subscribe(call.arguments, session.id(), session.peer());
            subscribed.map(|()| call.reply.undefined(Encoding::StructuredClone))
        })
    })?;
    add::<GetState>(context, |context, session, call| {
        let states = context.states();
        states.reply(call.arguments, session.id(), &call.reply)
    })?;
    add_change::<SetState<js::Value>>(context, |context, session, arguments| {
        let states = context.states();
        states.set(arguments, session.id(), owner(session))
    })?;
    add_change::<PatchState>(context, |context, session, arguments| {
        context.states().patch(arguments, session.id())
    })
}

/// Returns the session that owns a state which `session` creates. `None` for the session of a call over plain HTTP, because
/// nothing would release the state when that session ends.
fn owner(session: &RpcSession) -> Option<u64> {
    (session.transport() != SessionTransport::Http).then(|| session.id())
}

/// Registers a function that runs at once, so that changes are made in the order in which they arrive.
fn add<F: RpcFunction>(
    context: &DevToolsContext,
    handler: fn(&DevToolsContext, &RpcSession, &Call<'_>) -> Result<ReplyText, RefusedRequest>,
) -> Result<(), RegisterError> {
    add_call::<F>(context, Callers::All, move |context, session, call| {
        answered::<F>(session, &call.reply, handler(context, session, &call))
    })
}

/// Registers a function that changes a state. The reply comes when the change is stored for the other processes, if there are any.
fn add_change<F: RpcFunction>(
    context: &DevToolsContext,
    change: fn(
        &DevToolsContext,
        &RpcSession,
        Payload<'_>,
    ) -> Result<Option<Storing>, RefusedRequest>,
) -> Result<(), RegisterError> {
    add_call::<F>(context, Callers::All, move |context, session, call| {
        let reply = call.reply;
        match change(context, session, call.arguments) {
            Ok(None) => Started::Done(reply.undefined(Encoding::StructuredClone)),
            Ok(Some(storing)) => Started::Running(Box::pin(async move {
                match tokio::time::timeout(STORED_WITHIN, storing.end()).await {
                    Ok(Ok(())) => reply.undefined(Encoding::StructuredClone),
                    Ok(Err(reason)) => reply.error(&RemoteError::coded(NOT_STORED, &*reason)),
                    Err(_) => reply.error(&RemoteError::coded(NOT_STORED, LATE)),
                }
            })),
            Err(refused) => answered::<F>(session, &reply, Err(refused)),
        }
    })
}

/// Returns the answer to a request.
fn answered<F: RpcFunction>(
    session: &RpcSession,
    reply: &ReplyTo,
    answer: Result<ReplyText, RefusedRequest>,
) -> Started {
    Started::Done(answer.unwrap_or_else(|refused| {
        tracing::warn!(session = session.id(), rpc.method = F::NAME, %refused, "refused a client's request for a shared state");
        match refused {
            RefusedRequest::Argument(misfit) => reply.error(&misfit),
            refused => reply.error(&refused),
        }
    }))
}
