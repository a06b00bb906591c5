//! Spans for errors of the compiler about generated code, and names that users do not see.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::{Ident, ReturnType};

use crate::rpc_function::model::RpcFunction;

/// Returns the span for errors about the whole function: its name. Users see code with this span, but it counts as
/// generated, so lints ignore it.
pub(super) fn site(model: &RpcFunction<'_>) -> Span {
    model.sig.ident.span().resolved_at(Span::call_site())
}

/// Returns the span of the wire parameter if there is one, otherwise that of the parameter list.
pub(super) fn args_span(model: &RpcFunction<'_>) -> Span {
    let mut params = model.wire_params();
    match (params.next(), params.next()) {
        (Some((_, ty)), None) => first_and_last(ty.to_token_stream()).0,
        _ => list_span(model),
    }
}

/// Returns the span of the parameter list of a call.
pub(super) fn list_span(model: &RpcFunction<'_>) -> Span {
    match &model.handler {
        Some(handler) => handler.signature.paren_token.span.join(),
        None => model.sig.paren_token.span.join(),
    }
}

/// Returns the spans of the first and the last token of the return type.
pub(super) fn output_span(model: &RpcFunction<'_>) -> (Span, Span) {
    match model.output() {
        ReturnType::Default => (site(model), site(model)),
        ReturnType::Type(_, ty) => first_and_last(ty.to_token_stream()),
    }
}

/// Returns the spans of the first and the last of these tokens.
pub(super) fn first_and_last(tokens: TokenStream) -> (Span, Span) {
    let mut spans = tokens.into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// Returns the name of the call's scope. Its hygiene separates it from a user's item with this name.
pub(super) fn scope() -> Ident {
    Ident::new("scope", Span::mixed_site())
}
