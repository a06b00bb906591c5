//! Layers: code of the program around its calls.
//!
//! A layer is a closure of two arguments, as a middleware of axum is: the call, and [`Next`], which goes on with it. The traits of
//! `tower` do not fit: a `Service` has one type of requests and one of responses, while a call is text from a connection or
//! values that are moved; and a `Service` is asked whether it is ready, while [`Limits`](crate::Limits) bound the calls here.

use std::any::{Any, TypeId};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;

use crate::function::definition::FunctionDefinition;
use crate::function::error::RemoteError;
use crate::function::inject::SharedScope;
use crate::function::invoke::clock::Clock;
use crate::function::invoke::origin::CallOrigin;
use crate::function::invoke::time_limit::{TimeLimit, TimeOption};
use crate::function::kind::FunctionKind;
use crate::function::reply::ReplyText;

/// The result of a call, as its layers see it.
pub type LayerResult = Result<CallSuccess, CallFailure>;

/// The future that a layer returns.
///
/// ```
/// use devtools_runtime::layers::{LayerCall, LayerFuture, Next};
/// use devtools_runtime::rpc_function;
///
/// /// A layer that an attribute can name is a function.
/// fn log(call: LayerCall, next: Next) -> LayerFuture {
///     Box::pin(async move {
///         println!("{} is called", call.name());
///         next.run(call).await
///     })
/// }
///
/// #[rpc_function(name = "docs-of-layer-futures:reset", kind = "action", layer = log)]
/// fn reset() {}
/// ```
pub type LayerFuture = Pin<Box<dyn Future<Output = LayerResult> + Send>>;

/// A layer, without its type.
pub(crate) type LayerFn = Arc<dyn Fn(LayerCall, Next) -> LayerFuture + Send + Sync>;

/// A call on its way to its function, as its layers see it.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::DevTools;
/// use devtools_runtime::layers::LayerCall;
///
/// /// Gives calls with large arguments more time.
/// fn lengthen(call: &mut LayerCall) {
///     if call.arguments_bytes().is_some_and(|bytes| bytes > 1 << 20) {
///         call.set_timeout(Some(Duration::from_secs(300)));
///     }
/// }
///
/// let builder = DevTools::builder().layer(|mut call, next| async move {
///     lengthen(&mut call);
///     next.run(call).await
/// });
/// ```
pub struct LayerCall {
    pub(super) function: FunctionDefinition,
    pub(super) scope: SharedScope,
    pub(super) origin: CallOrigin,
    pub(super) is_event: bool,
    pub(super) arguments_bytes: Option<usize>,
    pub(super) clock: Arc<Clock>,
    pub(super) extensions: Extensions,
}

impl LayerCall {
    /// The name of the function, `scope:function`.
    pub fn name(&self) -> &str {
        self.function.name()
    }

    /// The kind of the function.
    pub fn kind(&self) -> FunctionKind {
        self.function.kind()
    }

    /// The function.
    pub fn function(&self) -> &FunctionDefinition {
        &self.function
    }

    /// The caller.
    pub fn origin(&self) -> CallOrigin {
        self.origin
    }

    /// Whether the call is an event. It has no reply, so its sender does not learn of an error.
    pub fn is_event(&self) -> bool {
        self.is_event
    }

    /// The size of the arguments in bytes of text; in structured clone, the size of the whole frame. `None` for a typed call in
    /// the process, whose values are moved.
    pub fn arguments_bytes(&self) -> Option<usize> {
        self.arguments_bytes
    }

    /// The time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.clock.began.elapsed()
    }

    /// The time that the call may take, measured from its beginning. `None` is unlimited.
    pub fn timeout(&self) -> Option<Duration> {
        self.clock.limit().map(|limit| limit.after)
    }

    /// Sets the time that the call may take, measured from its beginning. It replaces the timeout of the function and
    /// [`Limits::handler_timeout`](crate::Limits::handler_timeout). `None` is unlimited.
    ///
    /// The limit applies until the function has ended. A layer may take any time afterwards.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.clock.set(timeout.map(|after| TimeLimit {
            after,
            option: TimeOption::Layer,
        }));
    }

    /// The values that the layers before this one have added, by type.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The values for the layers after this one, by type.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Returns a value that functions take by reference: the context, the session, or state of a plugin.
    pub(crate) fn find<T: Any>(&self) -> Option<&T> {
        self.scope.find(TypeId::of::<T>())?.downcast_ref()
    }
}

crate::debug_impl! { LayerCall as it { name: it.name(), kind: it.kind(), origin, .. } }

/// The rest of a call inside a layer: the further layers, and the function.
///
/// ```
/// use devtools_runtime::{DevTools, RemoteError};
///
/// let builder = DevTools::builder().layer_for("my-plugin:", |call, next| async move {
///     if call.name().ends_with(":reset") {
///         // The function does not run.
///         return Err(RemoteError::coded("read-only", "nothing can be reset here").into());
///     }
///     next.run(call).await
/// });
/// ```
#[must_use = "the function is not called unless `next` runs"]
pub struct Next {
    /// The innermost comes first.
    pub(super) layers: Vec<LayerFn>,
    pub(super) function: Innermost,
}

/// Runs the function.
pub(super) type Innermost = Box<dyn FnOnce(LayerCall) -> LayerFuture + Send>;

impl Next {
    /// Goes on with the call.
    ///
    /// # Errors
    ///
    /// The error of the function, or of a layer in between. A function that panicked or took too long has an error too.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the call at its current await point.
    pub async fn run(mut self, call: LayerCall) -> LayerResult {
        if let Some(layer) = self.layers.pop() {
            return layer(call, self).await;
        }
        call.clock.reach_function();
        (self.function)(call).await
    }
}

crate::debug_impl! { Next as it { layers: it.layers.len(), .. } }

/// A call that has succeeded.
///
/// ```
/// use devtools_runtime::DevTools;
///
/// let builder = DevTools::builder().layer(|call, next| async move {
///     let name = call.name().to_owned();
///     let success = next.run(call).await?;
///     if success.reply_bytes().is_some_and(|bytes| bytes > 1 << 20) {
///         println!("the reply of {name} is over one MiB");
///     }
///     Ok(success)
/// });
/// ```
#[derive(Debug)]
pub struct CallSuccess {
    pub(super) outcome: ReplyText,
}

impl CallSuccess {
    /// The size of the reply in bytes. `None` for an event, and for a typed call in the process, whose values are moved.
    pub fn reply_bytes(&self) -> Option<usize> {
        self.outcome.as_ref().map(String::len)
    }
}

/// A call that has failed, with the error that the caller receives.
///
/// A layer converts a text, a [`RemoteError`] or any error that derives [`RpcError`](derive@crate::RpcError) into one, by `?` or
/// `into`.
///
/// ```
/// use devtools_runtime::DevTools;
///
/// let builder = DevTools::builder().layer(|call, next| async move {
///     let name = call.name().to_owned();
///     let result = next.run(call).await;
///     if let Err(failure) = &result {
///         println!("{name} failed: {}, code {:?}", failure.error().message, failure.error().code);
///     }
///     result
/// });
/// ```
#[derive(Debug)]
pub struct CallFailure {
    pub(super) error: Box<RemoteError>,
    pub(super) reason: FailureReason,
    /// The reply as the function wrote it. `None` if the error comes from a layer.
    pub(super) written: Option<ReplyText>,
}

/// The reason why a call has failed.
///
/// ```
/// use devtools_runtime::layers::{CallFailure, FailureReason};
///
/// /// Whether an operator should hear of a failure. Refused calls are the layers' own doing.
/// fn is_alarming(failure: &CallFailure) -> bool {
///     failure.reason() != FailureReason::Refused
/// }
///
/// assert!(!is_alarming(&CallFailure::from("not now")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureReason {
    /// The function returned an error, its arguments did not fit, it panicked, or its result could not be written.
    Function,
    /// The call took too long.
    TimedOut,
    /// A layer refused the call.
    Refused,
}

impl CallFailure {
    /// The error that the caller receives.
    pub fn error(&self) -> &RemoteError {
        &self.error
    }

    /// The reason why the call has failed.
    pub fn reason(&self) -> FailureReason {
        self.reason
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error.message)
    }
}

impl<E: Into<RemoteError>> From<E> for CallFailure {
    fn from(error: E) -> Self {
        Self {
            error: Box::new(error.into()),
            reason: FailureReason::Refused,
            written: None,
        }
    }
}
