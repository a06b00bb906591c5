//! The functions of a context: registering and invoking them, and the sessions that call them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{
    Call, CallError, DuplicateFunction, FunctionDefinition, Handler, Implementation, Outcome,
    ReplyTo, Started, run_local,
};
use crate::host::{DevToolsContext, RpcSession};
use crate::peer::{Frame, Reply};
use crate::wire::{Encoding, Payload, RequestId};

/// The functions and sessions of a context, from [`DevToolsContext::rpc`].
#[derive(Debug, Clone, Copy)]
pub struct RpcHost<'a> {
    context: &'a DevToolsContext,
}

impl<'a> RpcHost<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Adds a function: `ctx.rpc().register(GetModule::definition())`.
    ///
    /// Annotated functions are collected by themselves. This is for programs that cannot rely on that,
    /// or that leave collecting out; the same function may come both ways.
    ///
    /// # Errors
    ///
    /// If another function has the name already. The error names both places.
    pub fn register(self, function: FunctionDefinition) -> Result<(), DuplicateFunction> {
        self.context.functions().insert(function)
    }

    /// Whether there is a function of this name.
    pub fn has(self, name: &str) -> bool {
        self.context.functions().snapshot().contains_key(name)
    }

    /// The functions, sorted by name.
    pub fn list(self) -> Vec<FunctionDefinition> {
        let mut functions: Vec<_> = self
            .context
            .functions()
            .snapshot()
            .values()
            .cloned()
            .collect();
        functions.sort_unstable_by_key(FunctionDefinition::name);
        functions
    }

    /// The sessions that are open, in the order they connected.
    pub fn sessions(self) -> Vec<RpcSession> {
        self.context.sessions().list()
    }

    /// Invokes a function of this context by its name. `arguments` is a tuple, or anything else that is
    /// written as an array.
    ///
    /// The values go through JSON. `GetModule::invoke_local(ctx, …)` is typed, and moves them.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if there is no such function, [`CallError::Remote`] with its
    /// message if it fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the call where it stands.
    pub async fn invoke_local<T: DeserializeOwned>(
        self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let unknown = || CallError::UnknownFunction(name.to_owned());
        let function = self
            .context
            .functions()
            .snapshot()
            .get(name)
            .cloned()
            .ok_or_else(unknown)?;
        let arguments = serde_json::to_string(&arguments).map_err(|error| CallError::Encode {
            function: name.to_owned(),
            source: error.into(),
        })?;
        let scope = self.context.scope_of(RpcSession::local());
        let call = Call {
            scope: &scope,
            arguments: Payload::Json(&arguments),
            reply: ReplyTo(Some(RequestId::from(1))),
        };
        let started = match function.handler() {
            Handler::Declared => return Err(unknown()),
            Handler::Static(start) => start(call),
            Handler::Dynamic(start) => start(call),
        };
        let outcome: Outcome = match started {
            Started::Done(outcome) => outcome,
            Started::Running(running) => running.await,
        };
        let reply = Reply::of(Frame::from(outcome.unwrap_or_default()));
        reply.read(name, Encoding::Json)
    }
}

/// Invokes `F` in this process, if it is one of the context's functions.
pub(crate) async fn invoke_local<F: Implementation>(
    context: DevToolsContext,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let registered = context.functions().snapshot();
    if !registered
        .get(F::NAME)
        .is_some_and(FunctionDefinition::is::<F>)
    {
        return Err(CallError::UnknownFunction(F::NAME.to_owned()));
    }
    drop(registered);
    run_local::<F>(context.scope_of(RpcSession::local()), arguments).await
}
