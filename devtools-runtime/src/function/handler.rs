//! Running an annotated function: decode, call, encode.
//!
//! This is all the code that is compiled once per function. It is kept small: whatever does not need
//! the function's types is done by [`ReplyTo`](crate::function::ReplyTo) and the argument reader.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::function::{
    Call, CallError, FailedCall, Injection, MissingState, Returned, RpcFunction, SharedScope,
    Started, read,
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
    ) -> impl Future<Output = Result<<Self::Returned as Returned>::Written, MissingState>> + Send;
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
    // Only an error with a code may have to be told to the log, with the session.
    let call = FailedCall {
        function: F::NAME,
        session: F::FAILURE.is_typed().then(|| scope.session()).flatten(),
    };
    let run = F::run(SharedScope::clone(scope), arguments);
    let finish = move |written| match written {
        Ok(written) => match F::Returned::split(written) {
            Ok(output) => reply.success(F::ENCODING, &output),
            Err(error) => reply.failed(&F::FAILURE, &error, call),
        },
        Err(missing) => reply.error(&missing),
    };
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

/// Calls `F` in this process: its values are moved, not serialized.
pub(crate) async fn run_local<F: Implementation>(
    scope: SharedScope,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let written = F::run(scope, arguments)
        .await
        .map_err(CallError::MissingState)?;
    F::Returned::split(written).map_err(CallError::Function)
}
