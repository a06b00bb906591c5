//! The future of a call within the process.
//!
//! The type has a name and depends on the function alone. The wrapper of every function returns it. If the type named
//! the output and the error, the compiler would have to look them up in every wrapper.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::function::{CallError, RpcFunction};

/// The future of a call of `F` in this process, from `invoke_local`. It resolves to the output.
///
/// The call begins when this is first polled. Dropping the future stops the function at its current await point.
///
/// ```
/// use devtools_runtime::functions::Invoking;
/// use devtools_runtime::{DevToolsContext, rpc_function};
///
/// #[rpc_function(name = "docs-of-invoking:get-count")]
/// async fn get_count() -> u32 {
///     1
/// }
///
/// /// The future has a name, so a struct can hold it.
/// struct Pending {
///     count: Invoking<GetCount>,
/// }
///
/// fn begin(ctx: &DevToolsContext) -> Pending {
///     Pending { count: GetCount::invoke_local(ctx) }
/// }
/// ```
#[must_use = "a call runs when it is awaited"]
pub struct Invoking<F: RpcFunction>(RunningInvocation<F>);

type RunningInvocation<F> = Pin<
    Box<
        dyn Future<
                Output = Result<<F as RpcFunction>::Output, CallError<<F as RpcFunction>::Error>>,
            > + Send,
    >,
>;

impl<F: RpcFunction> Invoking<F> {
    pub(crate) fn new(
        running: impl Future<Output = Result<F::Output, CallError<F::Error>>> + Send + 'static,
    ) -> Self {
        Self(Box::pin(running))
    }
}

impl<F: RpcFunction> Future for Invoking<F> {
    type Output = Result<F::Output, CallError<F::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

crate::debug_impl! { <F: RpcFunction> Invoking<F> => "a call of `{}` in this process", F::NAME }
