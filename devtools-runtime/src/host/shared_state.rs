//! The shared states of a context: what the program asks of them, and what clients do.

use std::sync::Arc;

use crate::function::{
    Call, FunctionDefinition, Handler, Outcome, Place, RpcFunction, Started, inject,
};
use crate::host::{DevToolsContext, RegisterError, RpcSession};
use crate::peer::Caller as _;
use crate::protocol::state::{GetState, PatchState, SetState, SubscribeState};
use crate::state::{Refused, SharedState, SharedStateError, SharedValue, StateOptions, States};
use crate::wire::{Encoding, js};

/// The shared states of a context, from [`RpcHost::shared_states`](crate::RpcHost::shared_states).
///
/// Clients may make states too. Their values are of any type, [`js::Value`](crate::js::Value), until the program opens
/// them with another.
#[derive(Debug, Clone, Copy)]
pub struct SharedStates<'a> {
    states: &'a States,
}

impl<'a> SharedStates<'a> {
    pub(crate) fn new(states: &'a States) -> Self {
        Self { states }
    }

    /// As [`RpcHost::shared_state`](crate::RpcHost::shared_state), with options. They count for a state that is made.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn create<T: SharedValue>(
        self,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        self.states.open(key, initial, options)
    }

    /// The state of this key, whoever has made it; `None` if there is none.
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
    /// If it has another type.
    pub fn get<T: SharedValue>(
        self,
        key: &str,
    ) -> Result<Option<SharedState<T>>, SharedStateError> {
        self.states.get(key)
    }

    /// The keys, in the order in which the states were made.
    pub fn keys(self) -> Vec<String> {
        self.states.keys()
    }

    /// Calls `listener` with the key of each state that is made from now on, by the program or by a client.
    ///
    /// It runs where the state is made: what takes time goes into a task of its own.
    pub fn on_key_added(self, listener: impl Fn(&str) + Send + Sync + 'static) {
        self.states.on_key_added(listener);
    }

    /// Forgets a state. `false` if there is none. Clients keep the last value they know; handles of the state go on
    /// for the program alone.
    pub fn delete(self, key: &str) -> bool {
        self.states.delete(key)
    }
}

/// Registers what clients do.
pub(super) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    // Stock clients ask for it right after the handshake (`docs/protocol.md` 7).
    let services = js::Value::Object(Vec::new());
    let options = StateOptions::new().read_only();
    let states = context.states();
    if let Err(error) = states.open("devframe:services", services, options) {
        tracing::warn!(%error, "there are no services");
    }
    add::<SubscribeState>(context, |context, session, call| {
        let states = context.states();
        states.subscribe(call.arguments, session.id(), session.peer())?;
        Ok(call.reply.undefined(Encoding::StructuredClone))
    })?;
    add::<GetState>(context, |context, session, call| {
        let states = context.states();
        states.reply(call.arguments, session.id(), &call.reply)
    })?;
    add::<SetState<js::Value>>(context, |context, session, call| {
        context.states().set(call.arguments, session.id())?;
        Ok(call.reply.undefined(Encoding::StructuredClone))
    })?;
    add::<PatchState>(context, |context, session, call| {
        context.states().patch(call.arguments, session.id())?;
        Ok(call.reply.undefined(Encoding::StructuredClone))
    })
}

/// Registers one, which is done at once: changes are made in the order in which they come.
fn add<F: RpcFunction>(
    context: &DevToolsContext,
    handler: fn(&DevToolsContext, &RpcSession, &Call<'_>) -> Result<Outcome, Refused>,
) -> Result<(), RegisterError> {
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    let start = move |call: Call<'_>| {
        let caller = inject::<DevToolsContext>(call.scope)
            .and_then(|context| Ok((context, inject::<RpcSession>(call.scope)?)));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(call.reply.error(&missing)),
        };
        Started::Done(handler(context, session, &call).unwrap_or_else(|refused| {
            tracing::warn!(session = session.id(), rpc.method = F::NAME, %refused, "refused what a client wants of a shared state");
            call.reply.error(&refused)
        }))
    };
    let function =
        FunctionDefinition::declared::<F>(place).handled_by(Handler::Dynamic(Arc::new(start)));
    Ok(context.functions().insert(function)?)
}
