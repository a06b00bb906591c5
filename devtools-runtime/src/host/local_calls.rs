//! Calls of functions in this process: by name, and by their types.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{
    Call, CallError, EndedCall, FunctionDefinition, HandlerRef, Implementation, Invocation,
    ReplyTo, RpcFunction, SetupImplementation, Started, TimeLimit, WaitingCall, run_local,
    run_set_up,
};
use crate::host::context::DevToolsContext;
use crate::host::rpc::RpcHost;
use crate::host::session::RpcSession;
use crate::peer::{Frame, Reply};
use crate::wire::{self, Document, Encoding, MAX_DEPTH, Payload, RequestId};

impl RpcHost<'_> {
    /// Invokes a function of this context by its name. `arguments` is a tuple, or another value that serializes as an
    /// array.
    ///
    /// The values are converted to JSON and back. `GetModule::invoke_local(ctx, …)` is typed, and moves them.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if there is no such function, [`CallError::Remote`] with the function's error if it
    /// fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the call at its next await.
    pub async fn invoke_local<T: DeserializeOwned>(
        self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let text = wire::arguments(Encoding::Json, &arguments);
        let text = text.map_err(|error| unwritten(name, error))?;
        let started = self.begin(RpcSession::local(), name, Payload::Json(&text))?;
        reply_of(started).await.read(name, Encoding::Json)
    }

    /// Does what [`invoke_local`](Self::invoke_local) does with structured clone, which also carries `Map`, `Set` and
    /// `BigInt` if the function accepts them. The result `undefined` is
    /// [`js::Value::Undefined`](crate::js::Value::Undefined), and other types read it as they read `null`.
    ///
    /// ```
    /// # use devtools_runtime::{DevTools, js, rpc_function};
    /// # #[rpc_function(name = "my-plugin:same", encoding = "structured-clone")]
    /// # fn echo(value: js::Value) -> js::Value { value }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().build().await?;
    /// # let ctx = devtools.context();
    /// let members = js::Value::Set([js::Value::from(1)].into_iter().collect());
    /// let result: js::Value = ctx.rpc().invoke_structured("my-plugin:same", (&members,)).await?;
    /// assert_eq!(result, members);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`invoke_local`](Self::invoke_local).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the call at its next await.
    pub async fn invoke_structured<T: DeserializeOwned>(
        self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        self.invoke_for(RpcSession::local(), name, arguments).await
    }

    /// Does what [`invoke_structured`](Self::invoke_structured) does, as a call of this session.
    pub(crate) async fn invoke_for<T: DeserializeOwned>(
        self,
        caller: RpcSession,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let started = {
            let text = wire::arguments(Encoding::StructuredClone, &arguments);
            let text = text.map_err(|error| unwritten(name, error))?;
            let document = Document::parse(&text).map_err(|error| unwritten(name, error))?;
            let arguments = Payload::Clone(document.root().with_levels(MAX_DEPTH + 1));
            self.begin(caller, name, arguments)?
        };
        let reply = reply_of(started).await;
        reply.read(name, Encoding::StructuredClone)
    }

    /// Starts a call of a function of this context.
    fn begin(
        self,
        caller: RpcSession,
        name: &str,
        arguments: Payload<'_>,
    ) -> Result<Started<EndedCall, WaitingCall>, CallError> {
        let unknown = || CallError::UnknownFunction(name.to_owned());
        let functions = self.context().functions().snapshot();
        let function = functions.get(name).cloned().ok_or_else(unknown)?;
        drop(functions);
        if matches!(function.handler(), HandlerRef::Declared) {
            return Err(unknown());
        }
        let invocation = Invocation {
            function: &function,
            limits: self.context().call_limits(),
            parent: None,
        };
        Ok(invocation.begin(Call {
            scope: &self.context().scope_of(caller),
            arguments,
            reply: ReplyTo::Caller(RequestId::from(1)),
        }))
    }
}

async fn reply_of(started: Started<EndedCall, WaitingCall>) -> Reply {
    let outcome = started.end().await.outcome;
    Reply::of(Frame::from(outcome.unwrap_or_default()))
}

fn unwritten(name: &str, error: impl Into<crate::function::BoxError>) -> CallError {
    CallError::Encode {
        function: name.to_owned(),
        source: error.into(),
    }
}

/// Invokes `F` in this process, if it is a function of this context.
pub(crate) async fn invoke_local<F: Implementation>(
    context: DevToolsContext,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let function = registered::<F>(&context)?;
    let limit = TimeLimit::of(&function, context.limits().handler_timeout);
    let scope = context.scope_of(RpcSession::local());
    run_local::<F>(function, scope, limit, arguments).await
}

/// Invokes `F`, whose setup has run, in this process, if it is a function of this context.
pub(crate) async fn invoke_set_up<F: SetupImplementation>(
    context: DevToolsContext,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let function = registered::<F>(&context)?;
    let Some(slot) = function.slot() else {
        return Err(CallError::UnknownFunction(F::NAME.to_owned()));
    };
    let limit = TimeLimit::of(&function, context.limits().handler_timeout);
    let scope = context.scope_of(RpcSession::local());
    run_set_up::<F>(slot, function, scope, limit, arguments).await
}

/// Returns the definition of `F`, if it is a function of this context.
fn registered<F: RpcFunction>(
    context: &DevToolsContext,
) -> Result<FunctionDefinition, CallError<F::Error>> {
    let functions = context.functions().snapshot();
    let function = functions.get(F::NAME).filter(|function| function.is::<F>());
    let unknown = || CallError::UnknownFunction(F::NAME.to_owned());
    function.cloned().ok_or_else(unknown)
}
