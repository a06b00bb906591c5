//! The hygiene of generated code.

use proc_macro2::Span;

/// Returns `span` with the hygiene of generated code: users see the location, lints ignore it, and names do not
/// clash.
pub(super) fn ours(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}
