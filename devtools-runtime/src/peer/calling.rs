//! The futures of calls and events.
//!
//! The types have names and are not `impl Future`, so that the compiler reports a wrong argument of a call once: it would
//! repeat the error at every use of an opaque type.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::function::{CallError, NotifyError, RpcFunction};
use crate::peer::cache::CacheSlot;
use crate::peer::exchange::{Enqueue, Exchange};

/// The future of a call of `F`. It resolves to the output.
///
/// The arguments are encoded when the call is made; the request is sent when this is first polled. Dropping the future
/// cancels the call on the other side: a query stops there, an action runs to its end.
///
/// ```
/// use devtools_runtime::functions::Calling;
/// use devtools_runtime::{DevToolsRpcClient, rpc_function};
///
/// #[rpc_function(name = "docs-of-calling:get-count")]
/// async fn get_count() -> u32;
///
/// /// The future of a call has a name, so a struct can hold it.
/// struct Pending {
///     count: Calling<GetCount>,
/// }
///
/// fn begin(rpc: &DevToolsRpcClient) -> Pending {
///     Pending { count: GetCount::call(rpc) }
/// }
/// ```
#[must_use = "a call is sent when it is awaited"]
pub struct Calling<F> {
    exchange: Exchange,
    /// The cache entry for the result, if it may be cached.
    slot: Option<Box<CacheSlot>>,
    function: PhantomData<fn() -> F>,
}

/// The future of an optional call of `F`. It resolves to the output, or to `None` if the other side has no `F`.
///
/// In all other respects it is like [`Calling`].
///
/// ```
/// use devtools_runtime::{CallError, RpcSession, rpc_function};
///
/// /// A function that older panels do not have.
/// #[rpc_function(name = "docs-of-optional:get-theme", side = "client")]
/// async fn get_theme() -> String;
///
/// async fn theme_of(session: &RpcSession) -> Result<String, CallError> {
///     let theme = GetTheme::call_optional(session).await?;
///     Ok(theme.unwrap_or_else(|| "light".to_owned()))
/// }
/// ```
#[must_use = "a call is sent when it is awaited"]
pub struct CallingOptional<F> {
    exchange: Exchange,
    function: PhantomData<fn() -> F>,
}

/// The future of an event. It resolves when the event is queued.
///
/// ```
/// use devtools_runtime::functions::Notifying;
/// use devtools_runtime::{RpcSession, rpc_function};
///
/// #[rpc_function(name = "docs-of-notifying:progress", kind = "event", side = "client")]
/// async fn progress(percent: u8);
///
/// /// Begins to send the event. The caller decides when it waits for room in the queue.
/// fn report(session: &RpcSession, percent: u8) -> Notifying {
///     Progress::notify(session, percent)
/// }
/// ```
#[must_use = "an event is sent when it is awaited"]
pub struct Notifying {
    /// `Err` if the event could not be encoded. `None` once this has resolved.
    frame: Option<Result<Enqueue, NotifyError>>,
}

impl<F> Calling<F> {
    pub(crate) fn new(exchange: Exchange, slot: Option<Box<CacheSlot>>) -> Self {
        Self {
            exchange,
            slot,
            function: PhantomData,
        }
    }
}

impl<F> CallingOptional<F> {
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self {
            exchange,
            function: PhantomData,
        }
    }
}

impl Notifying {
    pub(crate) fn new(frame: Result<Enqueue, NotifyError>) -> Self {
        Self { frame: Some(frame) }
    }
}

impl<F: RpcFunction> Future for Calling<F> {
    type Output = Result<F::Output, CallError<F::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(Pin::new(&mut self.exchange).poll(context));
        let slot = self.slot.take();
        let output = reply.and_then(|reply| {
            let output = reply.output::<F>()?;
            if let Some(slot) = slot {
                slot.store(&reply);
            }
            Ok(output)
        });
        Poll::Ready(output.map_err(|error| CallError::typed(error, &F::FAILURE)))
    }
}

impl<F: RpcFunction> Future for CallingOptional<F> {
    type Output = Result<Option<F::Output>, CallError<F::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(Pin::new(&mut self.exchange).poll(context));
        let output = reply.and_then(|reply| {
            if reply.is_undefined() {
                return Ok(None);
            }
            reply.output::<F>().map(Some)
        });
        Poll::Ready(output.map_err(|error| CallError::typed(error, &F::FAILURE)))
    }
}

impl Future for Notifying {
    type Output = Result<(), NotifyError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(Ok(frame)) = &mut self.frame {
            let queued = ready!(frame.poll(context));
            self.frame = None;
            return Poll::Ready(queued.map_err(|()| NotifyError::Disconnected));
        }
        match self.frame.take() {
            Some(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Err(NotifyError::Disconnected)),
        }
    }
}

crate::debug_impl! { <F: RpcFunction> Calling<F> as it => "a call of `{}`, {:?}", F::NAME, it.exchange }

crate::debug_impl! {
    <F: RpcFunction> CallingOptional<F> as it => "an optional call of `{}`, {:?}", F::NAME, it.exchange
}

crate::debug_impl! { Notifying => "an event under way" }
