//! Functions and handlers without their types.

use std::sync::Arc;

use crate::function::facts::Facts;
use crate::function::per_context::MakePerContext;
use crate::function::reply::Call;
use crate::function::started::Started;

/// An annotated function without its types.
pub(crate) trait ErasedFunction: Send + Sync {
    /// Returns the facts that do not depend on its types.
    fn facts(&self) -> &Facts;

    /// Begins a call.
    fn begin(&self, call: Call<'_>) -> Started;

    /// Returns the function that makes the state of one context, if the function is set up.
    fn per_context(&self) -> Option<MakePerContext> {
        None
    }
}

/// The code that runs when a function is called.
#[derive(Clone)]
pub(crate) enum Handler {
    /// No code, because the function is only declared here.
    Declared,
    /// An annotated function.
    Static(&'static dyn ErasedFunction),
    /// A closure.
    Dynamic(Arc<DynamicHandler>),
}

/// A borrowed [`Handler`].
#[derive(Clone, Copy)]
pub(crate) enum HandlerRef<'f> {
    Declared,
    Static(&'static dyn ErasedFunction),
    Dynamic(&'f DynamicHandler),
}

/// A handler that is made while the program runs.
pub(crate) type DynamicHandler = dyn Fn(Call<'_>) -> Started + Send + Sync;
