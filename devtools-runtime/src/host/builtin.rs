//! The built-in functions, which every client of the protocol expects from a server.

use std::sync::Arc;

use crate::function::{
    Call, FunctionDefinition, FunctionKind, Handler, Outcome, Place, ReplyTo, RpcFunction, Started,
    inject, read,
};
use crate::host::{
    DevToolsContext, Mode, RegisterError, RpcSession, docks, shared_state, streaming, trust,
};
use crate::protocol::cache::CacheableFunctions;
use crate::protocol::introspection::ListFunctions;

/// Registers the built-in functions.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    trust::register(context)?;
    shared_state::register(context)?;
    streaming::register(context)?;
    docks::register(context)?;
    add::<CacheableFunctions, _>(context, |context, _, ()| async move {
        let functions = context.rpc().list();
        let kept = functions
            .iter()
            .filter(|function| function.kind() == FunctionKind::Static || function.is_cacheable());
        kept.map(|function| function.name().to_owned()).collect()
    })?;
    if context.mode() == Mode::Dev {
        // The list contains source locations, which are for developers.
        add::<ListFunctions, _>(
            context,
            |context, _, ()| async move { context.rpc().describe() },
        )?;
    }
    Ok(())
}

/// Registers a built-in function. Its handler takes the context, the calling session and the arguments.
pub(crate) fn add<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = F::Output> + Send + 'static,
{
    insert::<F, Fut>(context, handler, |output, reply| {
        reply.success(F::ENCODING, &output)
    })
}

/// Registers a built-in function that may fail. Its caller receives the error's text.
pub(crate) fn try_add<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
) -> Result<(), RegisterError>
where
    Fut: Future<Output = Result<F::Output, &'static str>> + Send + 'static,
{
    insert::<F, Fut>(context, handler, |result, reply| match result {
        Ok(output) => reply.success(F::ENCODING, &output),
        Err(problem) => reply.failure(problem),
    })
}

fn insert<F: RpcFunction, Fut>(
    context: &DevToolsContext,
    handler: fn(DevToolsContext, RpcSession, F::Args) -> Fut,
    answer: fn(Fut::Output, &ReplyTo) -> Outcome,
) -> Result<(), RegisterError>
where
    Fut: Future + Send + 'static,
{
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    let start = move |call: Call<'_>| -> Started {
        let Call {
            scope,
            arguments,
            reply,
        } = call;
        let caller = inject::<DevToolsContext>(scope)
            .and_then(|context| Ok((context.clone(), inject::<RpcSession>(scope)?.clone())));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(reply.error(&missing)),
        };
        match read::<F>(arguments) {
            Ok(arguments) => {
                let run = handler(context, session, arguments);
                Started::Running(Box::pin(async move { answer(run.await, &reply) }))
            }
            Err(misfit) => Started::Done(reply.error(&misfit)),
        }
    };
    let function =
        FunctionDefinition::declared::<F>(place).handled_by(Handler::Dynamic(Arc::new(start)));
    Ok(context.functions().insert(function)?)
}
