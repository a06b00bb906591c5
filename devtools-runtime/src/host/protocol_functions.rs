//! Registration of protocol functions, whose handlers get the context and the calling session.

use crate::function::{
    Call, RemoteError, ReplyText, ReplyTo, RpcFunction, Started, inject, protocol_function, read,
};
use crate::host::context::DevToolsContext;
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;

/// Registers `F`. Its handler gets the context, the session that calls, and the call.
pub(crate) fn add_call<F: RpcFunction>(
    context: &DevToolsContext,
    handler: impl Fn(&DevToolsContext, &RpcSession, Call<'_>) -> Started + Send + Sync + 'static,
) -> Result<(), RegisterError> {
    let function = protocol_function::<F>(move |call| {
        let caller = inject::<DevToolsContext>(call.scope)
            .and_then(|context| Ok((context, inject::<RpcSession>(call.scope)?)));
        match caller {
            Ok((context, session)) => handler(context, session, call),
            Err(missing) => Started::Done(call.reply.error(&missing)),
        }
    });
    Ok(context.functions().insert(function)?)
}

/// Registers `F`. Its handler gets the context, the session that calls, and the arguments, and returns a future of the
/// output.
pub(crate) fn add<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = F::Output> + Send + 'static,
{
    add_async::<F, Fut>(context, handler, |output, reply| {
        reply.success(F::ENCODING, &output)
    })
}

/// Registers `F`, which may fail. The caller gets the text of the error.
pub(crate) fn try_add<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = Result<F::Output, &'static str>> + Send + 'static,
{
    add_async::<F, Fut>(context, handler, |result, reply| match result {
        Ok(output) => reply.success(F::ENCODING, &output),
        Err(problem) => reply.failure(problem),
    })
}

/// Registers `F`, whose error reaches the caller with its code and data.
pub(crate) fn try_add_remote<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = Result<F::Output, RemoteError>> + Send + 'static,
{
    add_async::<F, Fut>(context, handler, |result, reply| match result {
        Ok(output) => reply.success(F::ENCODING, &output),
        Err(error) => reply.error(&error),
    })
}

fn add_async<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
    answer: fn(Fut::Output, &ReplyTo) -> ReplyText,
) -> Result<(), RegisterError>
where
    Fut: Future + Send + 'static,
{
    add_call::<F>(context, move |context, session, call| {
        let reply = call.reply;
        match read::<F>(call.arguments) {
            Ok(arguments) => {
                let run = handler(context.clone(), session.clone(), arguments);
                Started::Running(Box::pin(async move { answer(run.await, &reply) }))
            }
            Err(misfit) => Started::Done(reply.error(&misfit)),
        }
    })
}
