//! Registration of protocol functions, whose handlers get the context and the calling session.

use crate::function::{
    Call, RemoteError, ReplyText, ReplyTo, RpcFunction, Started, inject, protocol_function, read,
};
use crate::host::arrival::SessionTransport;
use crate::host::context::DevToolsContext;
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;

/// The code of the error for a caller without a connection.
const NO_CONNECTION: &str = "no-connection";

/// The callers of a protocol function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callers {
    /// All clients.
    All,
    /// Clients with a connection. The function records something for the session, which is removed when the session
    /// disconnects. For the session of a call over plain HTTP, it would never be removed.
    Connected,
}

impl Callers {
    /// Fails if the session may not call the function.
    fn check(self, session: &RpcSession, name: &str) -> Result<(), RemoteError> {
        if self == Self::All || session.transport() != SessionTransport::Http {
            return Ok(());
        }
        let text = format!(
            "`{name}` is for clients with a connection, and a call over plain HTTP has none"
        );
        Err(RemoteError::coded(NO_CONNECTION, text))
    }
}

/// Registers `F`. Its handler gets the context, the session that calls, and the call.
pub(crate) fn add_call<F: RpcFunction>(
    context: &DevToolsContext,
    callers: Callers,
    handler: impl Fn(&DevToolsContext, &RpcSession, Call<'_>) -> Started + Send + Sync + 'static,
) -> Result<(), RegisterError> {
    let function = protocol_function::<F>(move |call| {
        let caller = inject::<DevToolsContext>(call.scope)
            .and_then(|context| Ok((context, inject::<RpcSession>(call.scope)?)));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(call.reply.error(&missing)),
        };
        match callers.check(session, F::NAME) {
            Ok(()) => handler(context, session, call),
            Err(refused) => Started::Done(call.reply.error(&refused)),
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
    add_async::<F, Fut>(context, Callers::All, handler, |output, reply| {
        reply.success(F::ENCODING, &output)
    })
}

/// Registers `F` as [`add`] does, for clients with a connection.
pub(crate) fn add_on_connection<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = F::Output> + Send + 'static,
{
    add_async::<F, Fut>(context, Callers::Connected, handler, |output, reply| {
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
    add_async::<F, Fut>(
        context,
        Callers::All,
        handler,
        |result, reply| match result {
            Ok(output) => reply.success(F::ENCODING, &output),
            Err(problem) => reply.failure(problem),
        },
    )
}

/// Registers `F`, whose error reaches the caller with its code and data.
pub(crate) fn try_add_remote<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    callers: Callers,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = Result<F::Output, RemoteError>> + Send + 'static,
{
    add_async::<F, Fut>(context, callers, handler, |result, reply| match result {
        Ok(output) => reply.success(F::ENCODING, &output),
        Err(error) => reply.error(&error),
    })
}

fn add_async<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    callers: Callers,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
    answer: fn(Fut::Output, &ReplyTo) -> ReplyText,
) -> Result<(), RegisterError>
where
    Fut: Future + Send + 'static,
{
    add_call::<F>(context, callers, move |context, session, call| {
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
