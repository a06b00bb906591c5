//! A call within the process whose types are known: its values are moved, not serialized.

use crate::function::invoke::guarded::{Guarded, Interrupted, Panic, caught};
use crate::function::invoke::{Started, TimeLimit};
use crate::function::shape::{Shape, ShapeOf};
use crate::function::{
    CallError, FailedCall, Implementation, NotRun, RemoteError, Returned, RpcArguments, RpcFailure,
    RpcOutput, SharedScope,
};

/// A call of a function that takes `A` and returns `R`, as values.
pub(crate) struct Local<'a, A: 'static, R: Returned<Error: 'static> + 'static> {
    pub(crate) shape: &'static Shape<A, R>,
    pub(crate) scope: &'a SharedScope,
    pub(crate) limit: Option<TimeLimit>,
}

impl<A, R> Local<'_, A, R>
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure> + 'static,
{
    /// Makes the call: checks the arguments, has `begin` begin it, and checks the result.
    pub(crate) async fn run<F>(
        self,
        arguments: A,
        begin: impl FnOnce(A) -> Started<Result<R::Written, NotRun>, F>,
    ) -> Result<R::Output, CallError<R::Error>>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin,
    {
        let Self {
            shape,
            scope,
            limit,
        } = self;
        let finish = |ended: Result<Result<R::Written, NotRun>, Interrupted>| {
            let written = match ended {
                Ok(written) => written.map_err(NotRun::into_call_error)?,
                Err(Interrupted::Panicked(panic)) => return Err(panicked(shape, scope, &panic)),
                Err(Interrupted::TimedOut(limit)) => {
                    limit.log(shape.facts.name);
                    return Err(CallError::Timeout(limit.after));
                }
            };
            // What belongs to the types is the author's code too, and may panic as the handler may.
            let output = caught(|| {
                let output = R::split(written, shape.call(Some(scope)));
                let output = output.map_err(CallError::Function)?;
                shape.check_output(&output, scope.checks_results())?;
                Ok(output)
            });
            output.unwrap_or_else(|panic| Err(panicked(shape, scope, &panic)))
        };
        let running = match caught(|| shape.check(arguments).map(begin)) {
            Ok(Err(misfit)) => return Err(CallError::Argument(misfit)),
            Ok(Ok(Started::Done(written))) => return finish(Ok(written)),
            Ok(Ok(Started::Running(running) | Started::Waiting(running))) => running,
            Err(panic) => return finish(Err(Interrupted::Panicked(panic))),
        };
        finish(Guarded::new(running, limit).await)
    }
}

/// The error of a call whose handler panicked: the text of the panic goes to the log.
fn panicked<A, R, E>(shape: &Shape<A, R>, scope: &SharedScope, panic: &Panic) -> CallError<E>
where
    R: Returned<Error: 'static>,
{
    let failed = FailedCall::of(shape.facts.name).in_scope(&**scope);
    CallError::Remote(RemoteError::new(failed.conceal_panic(&**panic)))
}

/// Calls `F` in this process.
pub(crate) async fn run_local<F: Implementation>(
    scope: SharedScope,
    limit: Option<TimeLimit>,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let call = Local {
        shape: ShapeOf::<F, F::Returned>::SHAPE,
        scope: &scope,
        limit,
    };
    call.run(arguments, |arguments| F::run(&scope, arguments))
        .await
}
