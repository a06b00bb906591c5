//! How traces go from one program to the next: the `traceparent` of W3C Trace Context in the envelope of a call.
//!
//! The runtime knows no tracing system but `tracing`. A program that has one says how a context is read and written, by two
//! functions, once for the process.

use std::fmt;
use std::sync::OnceLock;

use tracing::Span;

/// How a trace context is taken out of the current span, and put into a new one.
///
/// With `tracing-opentelemetry`, `current` writes the context of `Span::current().context()` by a `TraceContextPropagator`, and `attach`
/// reads it and calls `span.set_parent(…)`. `examples/observed` has both.
#[derive(Debug, Clone, Copy)]
pub struct Propagation {
    /// The `traceparent` of the span that a call is made in: a call of a client, or of the server to a client. `None` if there is none.
    pub current: fn() -> Option<String>,
    /// Makes the span of a call the child of the `traceparent` that its caller sent. The text is whatever the caller says.
    pub attach: fn(&Span, &str),
}

/// The process has its way to propagate traces already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadySet;

impl fmt::Display for AlreadySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the process has its way to propagate traces already")
    }
}

impl std::error::Error for AlreadySet {}

static PROPAGATION: OnceLock<Propagation> = OnceLock::new();

/// The longest `traceparent` that is looked at. One of version 00 has 55 bytes.
const LONGEST: usize = 256;

/// Says how traces go from one program to the next, for this process.
///
/// # Errors
///
/// If it was said before.
pub fn set_propagation(propagation: Propagation) -> Result<(), AlreadySet> {
    PROPAGATION.set(propagation).map_err(|_| AlreadySet)
}

/// The `traceparent` that a call is sent with.
pub(crate) fn current() -> Option<String> {
    let parent = (PROPAGATION.get()?.current)()?;
    (parent.len() <= LONGEST).then_some(parent)
}

/// Makes `span` the child of what the caller says.
pub(super) fn extract(span: &Span, parent: &str) {
    if let Some(propagation) = PROPAGATION.get().filter(|_| parent.len() <= LONGEST) {
        (propagation.attach)(span, parent);
    }
}
