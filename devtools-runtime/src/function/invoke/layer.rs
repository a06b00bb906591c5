//! Layers: code of the program around its calls.
//!
//! A layer is a closure of two arguments, as a middleware of axum is: the call, and what is to come next. These are no traits of
//! `tower`: a `Service` has one type of requests and one of responses and is asked whether it is ready, while a call may be text
//! from a connection or values that are moved, and what keeps calls waiting is said by [`Limits`](crate::Limits).

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
use crate::function::reply::Outcome;

/// What comes of a call, as its layers see it.
pub type LayerResult = Result<CallSuccess, CallFailure>;

/// What a layer returns.
pub type LayerFuture = Pin<Box<dyn Future<Output = LayerResult> + Send>>;

/// A layer, without its type.
pub(crate) type LayerFn = Arc<dyn Fn(LayerCall, Next) -> LayerFuture + Send + Sync>;

/// A call on its way to its function, as its layers see it.
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

    /// Who makes the call.
    pub fn origin(&self) -> CallOrigin {
        self.origin
    }

    /// Whether the call has no reply: it is an event, whose sender does not hear of an error.
    pub fn is_event(&self) -> bool {
        self.is_event
    }

    /// How many bytes the arguments have as text; in structured clone, those of the whole frame. `None` of a typed call in the
    /// process, whose values are moved.
    pub fn arguments_bytes(&self) -> Option<usize> {
        self.arguments_bytes
    }

    /// How long ago the call began.
    pub fn elapsed(&self) -> Duration {
        self.clock.began.elapsed()
    }

    /// How long the call may take, from when it began. `None` is without end.
    pub fn timeout(&self) -> Option<Duration> {
        self.clock.limit().map(|limit| limit.after)
    }

    /// Says how long the call may take, from when it began, in place of what the function and
    /// [`Limits::handler_timeout`](crate::Limits::handler_timeout) say. `None` is without end.
    ///
    /// The time passes until the function has ended. What a layer does afterwards has no limit.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.clock.set(timeout.map(|after| TimeLimit {
            after,
            option: TimeOption::Layer,
        }));
    }

    /// What the layers before this one have put in, by type.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// What the layers have put in, by type, for the layers after this one.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// What functions take by reference: the context, the session, the state of plugins.
    pub(crate) fn find<T: Any>(&self) -> Option<&T> {
        self.scope.find(TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for LayerCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerCall")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// What is inside a layer: the further layers, and the function.
#[must_use = "the function is not called unless `next` runs"]
pub struct Next {
    /// The innermost comes first.
    pub(super) layers: Vec<LayerFn>,
    pub(super) function: Innermost,
}

/// What runs the function.
pub(super) type Innermost = Box<dyn FnOnce(LayerCall) -> LayerFuture + Send>;

impl Next {
    /// Goes on with the call.
    ///
    /// # Errors
    ///
    /// What the function, or a layer in between, has failed with: also if the function panicked or took too long.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the call where it stands.
    pub async fn run(mut self, call: LayerCall) -> LayerResult {
        if let Some(layer) = self.layers.pop() {
            return layer(call, self).await;
        }
        call.clock.reach_function();
        (self.function)(call).await
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("layers", &self.layers.len())
            .finish_non_exhaustive()
    }
}

/// A call that has succeeded.
#[derive(Debug)]
pub struct CallSuccess {
    pub(super) outcome: Outcome,
}

impl CallSuccess {
    /// How many bytes the reply has. `None` of an event, and of a typed call in the process, whose values are moved.
    pub fn reply_bytes(&self) -> Option<usize> {
        self.outcome.as_ref().map(String::len)
    }
}

/// A call that has failed: what the caller is told.
///
/// A layer makes one out of a text, a [`RemoteError`] or any error that derives [`RpcError`](derive@crate::RpcError), by `?` or `into`.
#[derive(Debug)]
pub struct CallFailure {
    pub(super) error: Box<RemoteError>,
    pub(super) reason: FailureReason,
    /// The reply as the function wrote it. `None` if a layer has made the error.
    pub(super) written: Option<Outcome>,
}

/// Why a call has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureReason {
    /// The function returned an error, its arguments did not fit, it panicked, or its result could not be written.
    Function,
    /// It took too long.
    TimedOut,
    /// A layer refused the call.
    Refused,
}

impl CallFailure {
    /// What the caller is told.
    pub fn error(&self) -> &RemoteError {
        &self.error
    }

    /// Why the call has failed.
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
