//! A call within the process, whose values are moved and not serialized.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use crate::function::arguments::RpcArguments;
use crate::function::definition::FunctionDefinition;
use crate::function::error::{CallError, RemoteError};
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::FailedCall;
use crate::function::handler::Implementation;
use crate::function::inject::SharedScope;
use crate::function::invoke::clock::Clock;
use crate::function::invoke::guarded::{Deadline, GuardedCall, Interrupted, Panic, caught};
use crate::function::invoke::layer::{
    CallFailure, CallSuccess, FailureReason, LayerCall, LayerFn, LayerResult, Next,
};
use crate::function::invoke::layered::log_refusal;
use crate::function::invoke::layers::layers_of;
use crate::function::invoke::origin::CallOrigin;
use crate::function::invoke::time_limit::TimeLimit;
use crate::function::invoke::trace::{CallEnd, CallTrace};
use crate::function::not_run::NotRun;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::returned::Returned;
use crate::function::shape::{Shape, ShapeOf};
use crate::function::started::Started;
use crate::mutex::Mutex;

/// A call within the process of a function that takes `A` and returns `R`.
pub(crate) struct LocalCall<A: 'static, R: Returned<Error: 'static> + 'static> {
    pub(crate) shape: &'static Shape<A, R>,
    pub(crate) function: FunctionDefinition,
    pub(crate) scope: SharedScope,
    pub(crate) limit: Option<TimeLimit>,
}

/// The typed result of a call.
type TypedResult<R> = Result<<R as Returned>::Output, CallError<<R as Returned>::Error>>;

impl<A, R> LocalCall<A, R>
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure> + 'static,
{
    /// Makes the call within its span and through the layers. `begin` begins the function.
    pub(crate) async fn run<F>(
        self,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> TypedResult<R>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin + Send + 'static,
    {
        let Some(trace) = CallTrace::of_values(&self.function, &self.scope) else {
            return self.untraced(arguments, begin).await;
        };
        let mut running = pin!(self.untraced(arguments, begin));
        let ended = poll_fn(|context| trace.enter(|| running.as_mut().poll(context))).await;
        match &ended {
            Ok(_) => trace.end(CallEnd::Success(None)),
            Err(error) => {
                let over = matches!(error, CallError::Timeout(_)).then_some(ExceededLimit::Time);
                trace.end(CallEnd::Failure(&told(error), over));
            }
        }
        ended
    }

    async fn untraced<F>(
        self,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> TypedResult<R>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin + Send + 'static,
    {
        let layers = layers_of(&self.function, &self.scope);
        if layers.is_empty() {
            let (shape, deadline) = (self.shape, Deadline::Fixed(self.limit));
            function(shape, &self.scope, deadline, arguments, begin).await
        } else {
            self.layered(layers, arguments, begin).await
        }
    }

    /// Passes the layers. They see whether the call succeeds, but not its values.
    async fn layered<F>(
        self,
        layers: Vec<LayerFn>,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> TypedResult<R>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin + Send + 'static,
    {
        let shape = self.shape;
        let clock = Arc::new(Clock::new(self.limit));
        let call = LayerCall {
            function: self.function.clone(),
            scope: SharedScope::clone(&self.scope),
            origin: CallOrigin::Program,
            is_event: false,
            arguments_bytes: None,
            clock: Arc::clone(&clock),
            extensions: http::Extensions::new(),
        };
        // The lock is held for one store or one read.
        let typed: Arc<Mutex<Option<TypedResult<R>>>> = Arc::default();
        let slot = Arc::clone(&typed);
        let next = Next {
            layers,
            function: Box::new(move |call| {
                Box::pin(async move {
                    let deadline = Deadline::Function(Arc::clone(&call.clock));
                    let ended = function(shape, &call.scope, deadline, arguments, begin).await;
                    let result = result(&ended);
                    *slot.lock() = Some(ended);
                    result
                })
            }),
        };
        let passed = GuardedCall::new(Box::pin(next.run(call)), Deadline::Layers(clock)).await;
        let failure = match passed {
            Ok(Ok(_)) => None,
            Ok(Err(failure)) => Some(failure),
            Err(Interrupted::TimedOut(limit)) => {
                limit.log(&shape.facts.name);
                return Err(CallError::Timeout(limit.after));
            }
            Err(Interrupted::Panicked(panic)) => {
                return Err(panicked(shape, &self.scope, &panic));
            }
        };
        match failure {
            Some(failure) if failure.written.is_none() => {
                log_refusal(&self.function, None, &failure);
                Err(CallError::Remote(*failure.error))
            }
            passed => {
                let typed = typed.lock().take();
                // A layer cannot create a result of the function. There is no value only if it returned the result of
                // another call.
                let lost = || {
                    passed.map_or_else(|| RemoteError::new("the result is lost"), |it| *it.error)
                };
                typed.unwrap_or_else(|| Err(CallError::Remote(lost())))
            }
        }
    }
}

/// Returns the result that the layers see.
fn result<T, E: std::fmt::Display>(ended: &Result<T, CallError<E>>) -> LayerResult {
    let Err(error) = ended else {
        return Ok(CallSuccess { outcome: None });
    };
    let reason = match error {
        CallError::Timeout(_) => FailureReason::TimedOut,
        _ => FailureReason::Function,
    };
    Err(CallFailure {
        error: Box::new(told(error)),
        reason,
        written: Some(None),
    })
}

/// Returns the error without its type, as layers see it.
fn told<E: std::fmt::Display>(error: &CallError<E>) -> RemoteError {
    match error {
        CallError::Remote(error) => error.clone(),
        CallError::Function(error) => RemoteError::new(error.to_string()),
        other => RemoteError::new(other.to_string()),
    }
}

/// Runs the function itself until `deadline`.
async fn function<A, R, F>(
    shape: &'static Shape<A, R>,
    scope: &SharedScope,
    deadline: Deadline,
    arguments: A,
    begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F>,
) -> TypedResult<R>
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure> + 'static,
    F: Future<Output = Result<R::Written, NotRun>> + Unpin,
{
    let finish = |ended: Result<Result<R::Written, NotRun>, Interrupted>| {
        let written = match ended {
            Ok(written) => written.map_err(NotRun::into_call_error)?,
            Err(Interrupted::Panicked(panic)) => return Err(panicked(shape, scope, &panic)),
            Err(Interrupted::TimedOut(limit)) => {
                limit.log(&shape.facts.name);
                return Err(CallError::Timeout(limit.after));
            }
        };
        // Conversions and rules of the types are the author's code too, and may panic.
        let output = caught(|| {
            let output = R::split(written, shape.call(Some(scope)));
            let output = output.map_err(CallError::Function)?;
            shape.check_output(&output, scope.checks_results())?;
            Ok(output)
        });
        output.unwrap_or_else(|panic| Err(panicked(shape, scope, &panic)))
    };
    let checked = || {
        shape
            .check(arguments)
            .map(|arguments| begin(scope, arguments))
    };
    let running = match caught(checked) {
        Ok(Err(misfit)) => return Err(CallError::Argument(misfit)),
        Ok(Ok(Started::Done(written))) => return finish(Ok(written)),
        Ok(Ok(Started::Running(running) | Started::Waiting(running))) => running,
        Err(panic) => return finish(Err(Interrupted::Panicked(panic))),
    };
    finish(GuardedCall::new(running, deadline).await)
}

/// Returns the error of a call whose handler panicked. The text of the panic goes to the log.
fn panicked<A, R, E>(shape: &Shape<A, R>, scope: &SharedScope, panic: &Panic) -> CallError<E>
where
    R: Returned<Error: 'static>,
{
    let failed = FailedCall::of(&shape.facts.name).in_scope(&**scope);
    CallError::Remote(RemoteError::new(failed.conceal_panic(&**panic)))
}

/// Calls `F`, whose definition is `function`, in this process.
pub(crate) async fn run_local<F: Implementation>(
    function: FunctionDefinition,
    scope: SharedScope,
    limit: Option<TimeLimit>,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let call = LocalCall {
        shape: ShapeOf::<F, F::Returned>::SHAPE,
        function,
        scope,
        limit,
    };
    call.run(arguments, F::run).await
}
