//! The handler of an annotated function: reads the arguments, calls the function, writes the reply.
//!
//! Only [`run`](Implementation::run) and a few values ([`FunctionHandler`]) are compiled for each function. Code that
//! depends on the types is compiled once for each set of types, and the rest is in
//! [`ReplyTo`](crate::function::ReplyTo).

use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::blocking::{self, SessionShare};
use crate::function::arguments::RpcArguments;
use crate::function::erased::ErasedFunction;
use crate::function::facts::Facts;
use crate::function::identity::RpcFunction;
use crate::function::inject::{Injection, SharedScope};
use crate::function::not_run::NotRun;
use crate::function::output::{RpcFailure, RpcOutput};
use crate::function::probe::Probe;
use crate::function::reply::{Call, ReplyText};
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
    /// The references that the function takes.
    const INJECTED: &'static [Injection] = &[];

    /// The return type, taken apart into output and error.
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

/// A function that was called, and returns a `W`.
pub type Run<W> = Started<Result<W, NotRun>, FunctionFuture<W>>;

/// The future of a function. Nothing is wrapped around it, so that nothing else is compiled for each function.
pub enum FunctionFuture<W> {
    /// The future of a function that takes no references.
    Plain(Pin<Box<dyn Future<Output = W> + Send>>),
    /// A future that may fail before the function runs.
    Guarded(Pin<Box<dyn Future<Output = Result<W, NotRun>> + Send>>),
}

impl<W> Future for FunctionFuture<W> {
    type Output = Result<W, NotRun>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Plain(run) => run.as_mut().poll(context).map(Ok),
            Self::Guarded(run) => run.as_mut().poll(context),
        }
    }
}

crate::debug_impl! { <W> FunctionFuture<W> { .. } }

/// Returns the result of a function that is not `async`.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn now<W>(run: impl FnOnce() -> Result<W, NotRun>) -> Run<W> {
    Run::Done(run())
}

/// Boxes a future in the crate of the function.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn boxed<F: Future>(run: F) -> Pin<Box<F>> {
    Box::pin(run)
}

/// Returns the future of an `async` function without references.
///
/// The expansion boxes the future, so that the compiler reports a problem with it there.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn later<W>(run: Pin<Box<dyn Future<Output = W> + Send>>) -> Run<W> {
    Run::Running(FunctionFuture::Plain(run))
}

/// Returns a future that may fail before the function runs.
#[expect(clippy::inline_always, reason = "it is compiled where the function is")]
#[inline(always)]
pub fn guarded<W>(run: Pin<Box<dyn Future<Output = Result<W, NotRun>> + Send>>) -> Run<W> {
    Run::Running(FunctionFuture::Guarded(run))
}

/// An annotated function that takes `A` and returns `R`. Its codec is JSON if `JSON` is set, and
/// structured clone otherwise.
struct FunctionHandler<A: 'static, R: Returned<Error: 'static> + 'static, const JSON: bool> {
    shape: Shape<A, R>,
    run: fn(&SharedScope, A) -> Run<R::Written>,
}

/// The constants of `F`.
pub(crate) struct FunctionOf<F>(PhantomData<F>);

impl<F: Implementation<Returned: 'static>> FunctionOf<F> {
    const JSON: &'static FunctionHandler<F::Args, F::Returned, true> = &Self::function();
    const STRUCTURED_CLONE: &'static FunctionHandler<F::Args, F::Returned, false> =
        &Self::function();
    pub(crate) const FUNCTION: &'static dyn ErasedFunction = match F::ENCODING {
        Encoding::Json => Self::JSON,
        Encoding::StructuredClone => Self::STRUCTURED_CLONE,
    };

    const fn function<const JSON: bool>() -> FunctionHandler<F::Args, F::Returned, JSON> {
        FunctionHandler {
            shape: ShapeOf::<F, F::Returned>::shape(F::INJECTED),
            run: F::run,
        }
    }
}

impl<A, R, const JSON: bool> ErasedFunction for FunctionHandler<A, R, JSON>
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
        // Most functions do not wait. Only the future of one that does is boxed.
        let mut finishing = Finishing { ending, run };
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(&mut finishing).poll(&mut context) {
            Poll::Ready(outcome) => Started::Done(outcome),
            Poll::Pending => Started::Waiting(Box::pin(finishing)),
        }
    }
}

/// A function that runs, with the receiver of its reply.
struct Finishing<R: Returned<Error: 'static>> {
    ending: Ending<R>,
    run: FunctionFuture<R::Written>,
}

/// No field is structurally pinned.
impl<R: Returned<Error: 'static>> Unpin for Finishing<R> {}

impl<R: Returned<Output: RpcOutput, Error: RpcFailure>> Future for Finishing<R> {
    type Output = ReplyText;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<ReplyText> {
        let this = &mut *self;
        Pin::new(&mut this.run)
            .poll(context)
            .map(|written| this.ending.finish(written))
    }
}

/// Returns the threads that the calls of a scope may block.
pub fn threads_of(scope: &SharedScope) -> Option<SessionShare> {
    scope.blocking()
}

/// Runs a function on one of the session's threads for blocking calls. A call that is dropped before a thread is free does not
/// run; a call that runs cannot be stopped.
///
/// # Errors
///
/// Returns [`NotRun::Stopped`] if the runtime is being shut down, and the errors of `run`.
pub async fn blocking<T: Send + 'static>(
    threads: Option<SessionShare>,
    run: impl FnOnce() -> Result<T, NotRun> + Send + 'static,
) -> Result<T, NotRun> {
    let ended = blocking::call(threads, run).await;
    ended.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(NotRun::Stopped),
    })
}
