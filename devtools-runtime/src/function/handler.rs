//! Running an annotated function: decode, call, encode.
//!
//! Per function there is only its [`run`](Implementation::run), and values ([`Function`]). What knows its types alone is
//! compiled once for these, and what knows neither is in [`ReplyTo`](crate::function::ReplyTo).

use std::fmt;
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::blocking::{self, Share};
use crate::function::arguments::RpcArguments;
use crate::function::erased::ErasedFunction;
use crate::function::facts::Facts;
use crate::function::identity::RpcFunction;
use crate::function::inject::{Injection, SharedScope};
use crate::function::not_run::NotRun;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::probe::Probe;
use crate::function::reply::{Call, Outcome};
use crate::function::returned::Returned;
use crate::function::shape::{Ending, Shape, ShapeOf};
use crate::function::started::Started;
use crate::wire::Encoding;

/// An [`RpcFunction`] with a body.
///
/// [`#[rpc_function]`](macro@crate::rpc_function) implements this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no implementation here",
    note = "a declaration without a body is implemented elsewhere"
)]
pub trait Implementation: RpcFunction {
    /// The references it takes.
    const INJECTED: &'static [Injection] = &[];

    /// Its return type, taken apart.
    type Returned: Returned<Output = Self::Output, Error = Self::Error>;

    /// Calls the function.
    fn run(
        scope: &SharedScope,
        arguments: Self::Args,
    ) -> Run<<Self::Returned as Returned>::Written>;
}

impl<F: Implementation> Probe<F> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const HAS_BODY: bool = true;
}

/// A function that has been called, and returns a `W`.
pub type Run<W> = Started<Result<W, NotRun>, Later<W>>;

/// A function that runs: its future as it is, with nothing around it, so that nothing else is compiled per function.
pub enum Later<W> {
    /// One that takes no references.
    Plain(Pin<Box<dyn Future<Output = W> + Send>>),
    /// Something around the function may keep it from running.
    Guarded(Pin<Box<dyn Future<Output = Result<W, NotRun>> + Send>>),
}

impl<W> Future for Later<W> {
    type Output = Result<W, NotRun>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Plain(run) => run.as_mut().poll(context).map(Ok),
            Self::Guarded(run) => run.as_mut().poll(context),
        }
    }
}

impl<W> fmt::Debug for Later<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

/// What `run` returns for a function that is not `async`.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn now<W>(run: impl FnOnce() -> Result<W, NotRun>) -> Run<W> {
    Run::Done(run())
}

/// The box of a future, where the future is.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn boxed<F: Future>(run: F) -> Pin<Box<F>> {
    Box::pin(run)
}

/// What `run` returns for an `async` function without references: the future itself, and no other around it.
///
/// The box is made where the function is: what is wrong with its future is said there.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn later<W>(run: Pin<Box<dyn Future<Output = W> + Send>>) -> Run<W> {
    Run::Running(Later::Plain(run))
}

/// What `run` returns where something is around the function.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn guarded<W>(run: Pin<Box<dyn Future<Output = Result<W, NotRun>> + Send>>) -> Run<W> {
    Run::Running(Later::Guarded(run))
}

/// An annotated function that takes `A` and returns `R`, as values.
///
/// It travels as JSON, or as structured clone.
struct Function<A: 'static, R: Returned<Error: 'static> + 'static, const JSON: bool> {
    shape: Shape<A, R>,
    run: fn(&SharedScope, A) -> Run<R::Written>,
}

/// `F`, as a constant.
pub(crate) struct FunctionOf<F>(PhantomData<F>);

impl<F: Implementation<Returned: 'static>> FunctionOf<F> {
    const JSON: &'static Function<F::Args, F::Returned, true> = &Self::function();
    const STRUCTURED_CLONE: &'static Function<F::Args, F::Returned, false> = &Self::function();
    pub(crate) const FUNCTION: &'static dyn ErasedFunction = match F::ENCODING {
        Encoding::Json => Self::JSON,
        Encoding::StructuredClone => Self::STRUCTURED_CLONE,
    };

    const fn function<const JSON: bool>() -> Function<F::Args, F::Returned, JSON> {
        Function {
            shape: ShapeOf::<F, F::Returned>::shape(F::INJECTED),
            run: F::run,
        }
    }
}

impl<A, R, const JSON: bool> ErasedFunction for Function<A, R, JSON>
where
    A: RpcArguments,
    R: Returned<Output: RpcOutput, Error: RpcFailure> + 'static,
{
    fn facts(&self) -> &Facts {
        &self.shape.facts
    }

    fn begin(&self, call: Call<'_>) -> Started {
        let Call {
            scope,
            arguments,
            reply,
        } = call;
        let arguments = match self.shape.read::<JSON>(arguments) {
            Ok(arguments) => arguments,
            Err(misfit) => return Started::Done(reply.error(&misfit)),
        };
        let ending = self.shape.ending(reply, Some(scope));
        let run = match (self.run)(scope, arguments) {
            Run::Done(written) => return Started::Done(ending.finish(written)),
            Run::Running(run) | Run::Waiting(run) => run,
        };
        // Most do not wait: only one that does is given a future that can be kept.
        let mut finishing = Finishing { ending, run };
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(&mut finishing).poll(&mut context) {
            Poll::Ready(outcome) => Started::Done(outcome),
            Poll::Pending => Started::Waiting(Box::pin(finishing)),
        }
    }
}

/// A function that runs, and its reply.
struct Finishing<R: Returned<Error: 'static>> {
    ending: Ending<R>,
    run: Later<R::Written>,
}

/// Nothing in it is pinned in place.
impl<R: Returned<Error: 'static>> Unpin for Finishing<R> {}

impl<R: Returned<Output: RpcOutput, Error: RpcFailure>> Future for Finishing<R> {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        let this = &mut *self;
        Pin::new(&mut this.run)
            .poll(context)
            .map(|written| this.ending.finish(written))
    }
}

/// The threads that the calls of a scope may block.
pub fn threads_of(scope: &SharedScope) -> Option<Share> {
    scope.blocking()
}

/// Runs a function on a thread where it may block: one of the session's share. A call that is dropped before its turn
/// does not run; one that runs cannot be stopped.
///
/// # Errors
///
/// [`NotRun::Stopped`] if the runtime is being shut down, and those of `run`.
pub async fn blocking<T: Send + 'static>(
    threads: Option<Share>,
    run: impl FnOnce() -> Result<T, NotRun> + Send + 'static,
) -> Result<T, NotRun> {
    let ended = blocking::call(threads, run).await;
    ended.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(NotRun::Stopped),
    })
}
