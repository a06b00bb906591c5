//! A call within the process whose types are known: its values are moved, not serialized.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::function::arguments::RpcArguments;
use crate::function::definition::FunctionDefinition;
use crate::function::error::{CallError, RemoteError};
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::FailedCall;
use crate::function::handler::Implementation;
use crate::function::inject::SharedScope;
use crate::function::invoke::clock::Clock;
use crate::function::invoke::guarded::{Bound, Guarded, Interrupted, Panic, caught};
use crate::function::invoke::layer::{
    CallFailure, CallSuccess, FailureReason, LayerCall, LayerFn, LayerResult, Next,
};
use crate::function::invoke::layered::log_refusal;
use crate::function::invoke::layers::layers_of;
use crate::function::invoke::origin::CallOrigin;
use crate::function::invoke::seen::{End, Seen};
use crate::function::invoke::time_limit::TimeLimit;
use crate::function::not_run::NotRun;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::returned::Returned;
use crate::function::shape::{Shape, ShapeOf};
use crate::function::started::Started;

/// A call of a function that takes `A` and returns `R`, as values.
pub(crate) struct Local<A: 'static, R: Returned<Error: 'static> + 'static> {
    pub(crate) shape: &'static Shape<A, R>,
    pub(crate) function: FunctionDefinition,
    pub(crate) scope: SharedScope,
    pub(crate) limit: Option<TimeLimit>,
}

/// What comes of a call of values.
type Typed<R> = Result<<R as Returned>::Output, CallError<<R as Returned>::Error>>;

impl<A, R> Local<A, R>
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure> + 'static,
{
    /// Makes the call, through the layers. `begin` begins the function.
    pub(crate) async fn run<F>(
        self,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> Typed<R>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin + Send + 'static,
    {
        let Some(seen) = Seen::of_values(&self.function, &self.scope) else {
            return self.unseen(arguments, begin).await;
        };
        let mut running = pin!(self.unseen(arguments, begin));
        let ended = poll_fn(|context| seen.enter(|| running.as_mut().poll(context))).await;
        match &ended {
            Ok(_) => seen.end(End::Success(None)),
            Err(error) => {
                let over = matches!(error, CallError::Timeout(_)).then_some(ExceededLimit::Time);
                seen.end(End::Failure(&told(error), over));
            }
        }
        ended
    }

    async fn unseen<F>(
        self,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> Typed<R>
    where
        F: Future<Output = Result<R::Written, NotRun>> + Unpin + Send + 'static,
    {
        let layers = layers_of(&self.function, &self.scope);
        if layers.is_empty() {
            let (shape, bound) = (self.shape, Bound::Fixed(self.limit));
            function(shape, &self.scope, bound, arguments, begin).await
        } else {
            self.layered(layers, arguments, begin).await
        }
    }

    /// Passes the layers, which see whether the call succeeds and not the values.
    async fn layered<F>(
        self,
        layers: Vec<LayerFn>,
        arguments: A,
        begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F> + Send + 'static,
    ) -> Typed<R>
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
        // The lock is held for a store or a look.
        let typed: Arc<Mutex<Option<Typed<R>>>> = Arc::default();
        let slot = Arc::clone(&typed);
        let next = Next {
            layers,
            function: Box::new(move |call| {
                Box::pin(async move {
                    let bound = Bound::Function(Arc::clone(&call.clock));
                    let ended = function(shape, &call.scope, bound, arguments, begin).await;
                    let result = result(&ended);
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
                    result
                })
            }),
        };
        let passed = Guarded::new(Box::pin(next.run(call)), Bound::Layers(clock)).await;
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
                let typed = typed.lock().unwrap_or_else(PoisonError::into_inner).take();
                // A layer has no success but that of the function.
                let lost = || {
                    passed.map_or_else(|| RemoteError::new("the result is lost"), |it| *it.error)
                };
                typed.unwrap_or_else(|| Err(CallError::Remote(lost())))
            }
        }
    }
}

/// What the layers see of a function that has ended.
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

/// What others are told of an error whose type they do not know.
fn told<E: std::fmt::Display>(error: &CallError<E>) -> RemoteError {
    match error {
        CallError::Remote(error) => error.clone(),
        CallError::Function(error) => RemoteError::new(error.to_string()),
        other => RemoteError::new(other.to_string()),
    }
}

/// Runs the function itself, which has this time.
async fn function<A, R, F>(
    shape: &'static Shape<A, R>,
    scope: &SharedScope,
    bound: Bound,
    arguments: A,
    begin: impl FnOnce(&SharedScope, A) -> Started<Result<R::Written, NotRun>, F>,
) -> Typed<R>
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
        // What belongs to the types is the author's code too, and may panic as the handler may.
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
    finish(Guarded::new(running, bound).await)
}

/// The error of a call whose handler panicked: the text of the panic goes to the log.
fn panicked<A, R, E>(shape: &Shape<A, R>, scope: &SharedScope, panic: &Panic) -> CallError<E>
where
    R: Returned<Error: 'static>,
{
    let failed = FailedCall::of(&shape.facts.name).in_scope(&**scope);
    CallError::Remote(RemoteError::new(failed.conceal_panic(&**panic)))
}

/// Calls `F`, which is `function`, in this process.
pub(crate) async fn run_local<F: Implementation>(
    function: FunctionDefinition,
    scope: SharedScope,
    limit: Option<TimeLimit>,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let call = Local {
        shape: ShapeOf::<F, F::Returned>::SHAPE,
        function,
        scope,
        limit,
    };
    call.run(arguments, F::run).await
}
