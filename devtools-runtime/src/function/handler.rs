//! Running an annotated function: decode, call, encode.
//!
//! This is all the code that is compiled once per function. It is kept small: whatever does not need
//! the function's types is done by [`ReplyTo`](crate::function::ReplyTo) and the argument reader.

use std::panic::resume_unwind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio_util::task::AbortOnDropHandle;

use crate::function::{
    Call, CallError, FailedCall, Injection, NotRun, Outcome, ReplyTo, Returned, RpcFunction,
    SharedScope, Started, read,
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
    let Call {
        scope,
        arguments,
        reply,
    } = call;
    let arguments = match read::<F>(arguments) {
        Ok(arguments) => arguments,
        Err(misfit) => return Started::Done(reply.error(&misfit)),
    };
    let call = FailedCall::of::<F>(scope);
    let run = F::run(SharedScope::clone(scope), arguments);
    let finish = move |written| finish::<F, F::Returned>(&reply, call, written);
    if F::IMMEDIATE {
        // Nothing awaits in there, so the first poll is the last and no future has to be kept.
        let mut context = Context::from_waker(Waker::noop());
        match pin!(run).poll(&mut context) {
            Poll::Ready(written) => Started::Done(finish(written)),
            Poll::Pending => Started::Done(None),
        }
    } else {
        Started::Running(Box::pin(async move { finish(run.await) }))
    }
}

/// Writes the reply of a call that has ended.
pub(crate) fn finish<F, R>(
    reply: &ReplyTo,
    call: FailedCall,
    written: Result<R::Written, NotRun>,
) -> Outcome
where
    F: RpcFunction,
    R: Returned<Output = F::Output, Error = F::Error>,
{
    match written {
        Ok(written) => match R::split(written) {
            Ok(output) => reply.success(F::ENCODING, &output),
            Err(error) => reply.failed(&F::FAILURE, &error, call),
        },
        Err(not_run) => not_run.reply(F::NAME, reply),
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
    let Some(limit) = F::OPTIONS.timeout else {
        return run.await;
    };
    tokio::time::timeout(limit, run).await.unwrap_or_else(|_| {
        tracing::warn!(
            rpc.method = F::NAME,
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
    let written = F::run(scope, arguments)
        .await
        .map_err(NotRun::into_call_error)?;
    F::Returned::split(written).map_err(CallError::Function)
}
