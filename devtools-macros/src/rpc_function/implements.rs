//! The implementation of a function that another crate declares.

use quote::ToTokens;
use syn::{Ident, Path};

use crate::diagnostics::Diagnostics;
use crate::rpc_function::args::Args;
use crate::rpc_function::item::Item;

/// Refuses options that only the declaration may set.
pub(super) fn check(
    declaration: &Path,
    args: &Args,
    item: &Item,
    identity: &Ident,
    diagnostics: &mut Diagnostics,
) {
    let contract: [(&str, Option<&dyn ToTokens>); 7] = [
        ("name", args.name.as_ref().map(|name| name as _)),
        ("kind", args.kind.as_ref().map(|kind| kind as _)),
        ("side", args.side.as_ref().map(|side| side as _)),
        (
            "encoding",
            args.encoding.as_ref().map(|encoding| encoding as _),
        ),
        ("cacheable", args.cacheable.as_ref().map(|key| key as _)),
        ("title", args.title.as_ref().map(|title| title as _)),
        ("agent", args.agent.as_ref().map(|agent| &agent.key as _)),
    ];
    for (option, at) in contract {
        if let Some(at) = at {
            diagnostics.error(
                at,
                format!(
                    "`{option}` is set by the declaration, and an implementation cannot change it"
                ),
                format!("remove `{option}`"),
            );
        }
    }
    if !item.has_body {
        diagnostics.error(
            &item.sig.ident,
            "an implementation needs a body",
            "write the body, or remove `implements` to declare another function",
        );
    }
    if declaration.is_ident(identity) {
        diagnostics.error(
            declaration,
            format!(
                "the type that is generated for `{}` would have the same name as the declaration",
                item.sig.ident
            ),
            format!("choose another name with `as = {identity}Here`, or write the path of the declaration, such as `api::{identity}`"),
        );
    }
}
