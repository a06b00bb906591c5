//! Running an annotated function: decode, call, encode.
//!
//! [`now`] and [`later`] are all the code that is compiled once per function. What knows its types alone is compiled
//! once for these ([`Shape`]), and what knows neither is in [`ReplyTo`](crate::function::ReplyTo).

use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio_util::task::AbortOnDropHandle;

use crate::function::shape::{Ending, Shape, ShapeOf};
use crate::function::{
    Call, CallError, Injection, NotRun, Outcome, Returned, RpcArguments, RpcFailure, RpcFunction,
    RpcOutput, Running, SharedScope, Started,
};

/// An [`RpcFunction`] with a body.
///
/// [`#[rpc_function]`](macro@crate::rpc_function) implements this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no implementation here",
    note = "a declaration without a body is implemented elsewhere"
)]
pub trait Implementation: RpcFunction {
    /// Whether the function is not `async`, so that it never waits.
    const IMMEDIATE: bool;
    /// The references it takes.
    const INJECTED: &'static [Injection];

    /// Its return type, taken apart.
    type Returned: Returned<Output = Self::Output, Error = Self::Error>;

    /// Calls the function.
    fn run(
        scope: SharedScope,
        arguments: Self::Args,
    ) -> impl Future<Output = Result<<Self::Returned as Returned>::Written, NotRun>> + Send;
}

/// Begins a call of `F`.
pub(crate) fn start<F: Implementation>(call: Call<'_>) -> Started {
    begin(
        ShapeOf::<F, F::Returned>::SHAPE,
        const { Run::of::<F>() },
        call,
    )
}

/// What runs when a function is called that takes `A` and returns `R`.
enum Run<A, R: Returned<Error: 'static>> {
    /// Nothing is awaited in there.
    Now(fn(SharedScope, A) -> Result<R::Written, NotRun>),
    Later(fn(Ending<R>, SharedScope, A) -> Running),
}

impl<A, R: Returned<Error: 'static>> Run<A, R> {
    const fn of<F: Implementation<Args = A, Returned = R>>() -> Self
    where
        R: Returned<Output = F::Output, Error = F::Error>,
    {
        if F::IMMEDIATE {
            Self::Now(now::<F>)
        } else {
            Self::Later(later::<F>)
        }
    }
}

/// Runs a function that never waits: the first poll is the last, and no future has to be kept.
fn now<F: Implementation>(
    scope: SharedScope,
    arguments: F::Args,
) -> Result<<F::Returned as Returned>::Written, NotRun> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(F::run(scope, arguments)).poll(&mut context) {
        Poll::Ready(written) => written,
        Poll::Pending => Err(NotRun::Stopped),
    }
}

fn later<F: Implementation>(
    ending: Ending<F::Returned>,
    scope: SharedScope,
    arguments: F::Args,
) -> Running {
    let run = F::run(scope, arguments);
    Box::pin(Finishing { ending, run })
}

fn begin<A, R>(shape: &'static Shape<A, R>, run: Run<A, R>, call: Call<'_>) -> Started
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure>,
{
    let Call {
        scope,
        arguments,
        reply,
    } = call;
    let arguments = match shape.read(arguments) {
        Ok(arguments) => arguments,
        Err(misfit) => return Started::Done(reply.error(&misfit)),
    };
    let ending = shape.ending(reply, Some(scope));
    let scope = SharedScope::clone(scope);
    match run {
        Run::Now(run) => Started::Done(ending.finish(run(scope, arguments))),
        Run::Later(run) => Started::Running(run(ending, scope, arguments)),
    }
}

pin_project! {
    /// A function that runs, and its reply.
    struct Finishing<R, F> where R: Returned, R::Error: 'static {
        ending: Ending<R>,
        #[pin]
        run: F,
    }
}

impl<R, F> Future for Finishing<R, F>
where
    R: Returned<Output: RpcOutput, Error: RpcFailure>,
    F: Future<Output = Result<R::Written, NotRun>>,
{
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let this = self.project();
        this.run
            .poll(context)
            .map(|written| this.ending.finish(written))
    }
}

pin_project! {
    /// A function that runs, and will have.
    #[derive(Debug)]
    pub struct Ran<F> {
        #[pin]
        function: F,
    }
}

/// What `run` returns for an `async` function without references: the future itself, and no other around it.
pub fn ran<F: Future>(function: F) -> Ran<F> {
    Ran { function }
}

impl<F: Future> Future for Ran<F> {
    type Output = Result<F::Output, NotRun>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().function.poll(context).map(Ok)
    }
}

/// Gives a call of `F` no more time than its `timeout`. Beyond, it is dropped where it stands.
///
/// # Errors
///
/// [`NotRun::TimedOut`] after that time, and those of `run`.
pub async fn within<F: RpcFunction, T>(
    run: impl Future<Output = Result<T, NotRun>>,
) -> Result<T, NotRun> {
    match F::OPTIONS.timeout {
        Some(limit) => limited(F::NAME, limit, run).await,
        None => run.await,
    }
}

/// Gives a call no more time than this. Beyond, it is dropped where it stands.
pub(crate) async fn limited<T>(
    function: &str,
    limit: Duration,
    run: impl Future<Output = Result<T, NotRun>>,
) -> Result<T, NotRun> {
    tokio::time::timeout(limit, run).await.unwrap_or_else(|_| {
        tracing::warn!(
            rpc.method = function,
            ?limit,
            "a handler took longer than its `timeout`"
        );
        Err(NotRun::TimedOut(limit))
    })
}

/// Runs a function where it may block. A call that is dropped before its turn does not run; one that
/// runs cannot be stopped.
///
/// # Errors
///
/// [`NotRun::Stopped`] if the runtime is being shut down, and those of `run`.
pub async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, NotRun> + Send + 'static,
) -> Result<T, NotRun> {
    let task = AbortOnDropHandle::new(tokio::task::spawn_blocking(run));
    task.await
        .unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(NotRun::Stopped),
        })
}

/// Calls `F` in this process: its values are moved, not serialized.
pub(crate) async fn run_local<F: Implementation>(
    scope: SharedScope,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let shape = ShapeOf::<F, F::Returned>::SHAPE;
    let arguments = shape.check(arguments).map_err(CallError::Argument)?;
    let checks_results = scope.checks_results();
    let written = F::run(scope, arguments)
        .await
        .map_err(NotRun::into_call_error)?;
    let output = F::Returned::split(written).map_err(CallError::Function)?;
    shape.check_output(&output, checks_results)?;
    Ok(output)
}
