//! The propagation of traces between programs: the `traceparent` of W3C Trace Context in the envelope of a call.
//!
//! The runtime knows no tracing system but `tracing`. A program with another one sets two functions, once for the process, which
//! read and write a trace context.

use std::sync::OnceLock;

use tracing::Span;

/// Reads the trace context of the current span, and attaches one to a new span.
///
/// With `tracing-opentelemetry`, `current` writes the context of `Span::current().context()` by a
/// `TraceContextPropagator`, and `attach` reads it and calls `span.set_parent(…)`. `examples/observed` has both.
#[derive(Debug, Clone, Copy)]
pub struct Propagation {
    /// Returns the `traceparent` of the current span, which calls to the other side are sent with. `None` if there is none.
    pub current: fn() -> Option<String>,
    /// Makes the span of a call the child of the `traceparent` that its caller sent. The text is not validated.
    pub attach: fn(&Span, &str),
}

/// The error of a process that has set its propagation before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the propagation of traces is already set for this process")]
pub struct AlreadySet;

static PROPAGATION: OnceLock<Propagation> = OnceLock::new();

/// The length in bytes above which a `traceparent` is ignored. Version 00 has 55 bytes.
const LONGEST: usize = 256;

/// Sets the propagation of traces for this process.
///
/// # Errors
///
/// Returns an error if it was set before.
///
/// ```
/// use devtools_runtime::layers::{AlreadySet, Propagation, set_propagation};
///
/// let propagation = Propagation {
///     current: || std::env::var("TRACEPARENT").ok(),
///     attach: |_span, parent| println!("the caller's trace is {parent}"),
/// };
/// assert_eq!(set_propagation(propagation), Ok(()));
/// assert_eq!(set_propagation(propagation), Err(AlreadySet));
/// ```
pub fn set_propagation(propagation: Propagation) -> Result<(), AlreadySet> {
    PROPAGATION.set(propagation).map_err(|_| AlreadySet)
}

/// Returns the `traceparent` that a call is sent with.
pub(crate) fn current() -> Option<String> {
    let parent = (PROPAGATION.get()?.current)()?;
    (parent.len() <= LONGEST).then_some(parent)
}

/// Makes `span` the child of the caller's `traceparent`.
pub(super) fn extract(span: &Span, parent: &str) {
    if let Some(propagation) = PROPAGATION.get().filter(|_| parent.len() <= LONGEST) {
        (propagation.attach)(span, parent);
    }
}
