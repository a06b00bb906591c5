//! Parameters, and the checks of each.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Meta, Pat, PatType, PathArguments, Signature, Type,
    TypeReference,
};

use crate::diagnostics::Diagnostics;
use crate::rpc_function::args::Marks;
use crate::rpc_function::types::{
    check_travels, is_option, is_str, mentions, owned_form, ungrouped,
};

/// The largest number of parameters from the wire.
const MAX_WIRE_PARAMETERS: usize = 8;

/// A parameter: injected by the runtime, or read from the call.
pub(super) enum Param<'a> {
    Injected(&'a Type),
    Wire {
        name: Ident,
        ty: &'a Type,
        marks: Marks,
    },
}

/// Checks the parameters. Leaves out those with mistakes.
pub(super) fn check<'a>(sig: &'a Signature, diagnostics: &mut Diagnostics) -> Vec<Param<'a>> {
    let mut params = Vec::new();
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(receiver) => diagnostics.error(
                receiver,
                "an RPC function cannot take `self`",
                "write a free function that takes the state by reference: `state: &MyState`",
            ),
            FnArg::Typed(typed) => {
                check_attrs(&typed.attrs, diagnostics);
                let marks = Marks::parse(&typed.attrs, diagnostics);
                params.extend(match ungrouped(&typed.ty) {
                    Type::Reference(reference) => {
                        let problem = "`nullable` is for what comes from the caller, and references are injected";
                        check_unmarked(&marks, problem, diagnostics);
                        check_reference(reference, diagnostics)
                    }
                    ty => check_value(typed, ty, marks, diagnostics),
                });
            }
        }
    }
    check_count(&params, diagnostics);
    params
}

/// Reports more parameters than a call may have.
pub(super) fn check_count(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    let mut wire = params
        .iter()
        .filter(|param| matches!(param, Param::Wire { .. }));
    if let Some(Param::Wire { name, .. }) = wire.nth(MAX_WIRE_PARAMETERS) {
        diagnostics.error(
            name,
            format!("an RPC function takes at most {MAX_WIRE_PARAMETERS} parameters from the wire"),
            "put them into a struct: `#[derive(serde::Serialize, serde::Deserialize)]`",
        );
    }
}

/// The help for an `Option` before a required parameter of a function.
pub(super) const NULLABLE: &str =
    "if callers are to pass `null`, write `#[rpc(nullable)]` before it";

/// Checks that optional parameters come last, because a caller cannot leave out another one ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)).
/// `otherwise` is the help for an `Option` in another position.
pub(super) fn check_order(params: &[Param<'_>], otherwise: &str, diagnostics: &mut Diagnostics) {
    // A parameter with mistakes is missing from the list, although a mark may depend on it.
    let is_complete = diagnostics.is_empty();
    let required = |param: &Param<'_>| matches!(param, Param::Wire { ty, .. } if !is_option(ty));
    let last_required = params.iter().rposition(required);
    for (index, param) in params.iter().enumerate() {
        let Param::Wire { name, ty, marks } = param else {
            continue;
        };
        if marks.is_wrong {
            continue;
        }
        let is_option = is_option(ty);
        let is_last = last_required.is_none_or(|last| last < index);
        match &marks.nullable {
            None if is_option && !is_last => diagnostics.error(
                ty,
                format!("a caller cannot leave out `{name}`: only the last arguments can be left out"),
                format!("move it to the end; {otherwise}"),
            ),
            Some(mark) if !is_option => diagnostics.error(
                mark,
                format!("`nullable` is for an `Option`, and `{name}` is none"),
                "remove `#[rpc(nullable)]`, or write the type as `Option<..>`",
            ),
            Some(mark) if is_last && is_complete => diagnostics.error(
                mark,
                format!("`nullable` is for an `Option` before a required parameter, and none follows `{name}`"),
                "remove `#[rpc(nullable)]`: callers may pass `null`, or leave it out",
            ),
            None | Some(_) => {}
        }
    }
}

/// Refuses `nullable` on an implementation, because the declaration sets it.
pub(super) fn check_implemented(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    for param in params {
        if let Param::Wire { marks, .. } = param {
            let problem = "`nullable` is what the declaration says";
            check_unmarked(marks, problem, diagnostics);
        }
    }
}

/// Refuses references in a declaration, because they are not sent.
pub(super) fn check_declared(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    for param in params {
        if let Param::Injected(ty) = param {
            diagnostics.error(
                ty,
                "a declaration takes no references: it says what travels",
                "remove the parameter: who implements the function may still take it",
            );
        }
    }
}

fn check_attrs(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    for attribute in attrs.iter().filter(|attribute| is_conditional(attribute)) {
        diagnostics.error(
            attribute,
            "a parameter of an RPC function cannot depend on a `cfg`",
            "write two functions, each with its `#[cfg(..)]`",
        );
    }
}

fn check_unmarked(marks: &Marks, problem: &str, diagnostics: &mut Diagnostics) {
    if let Some(mark) = &marks.nullable {
        diagnostics.error(mark, problem, "remove `#[rpc(nullable)]`");
    }
}

/// Returns `true` for `cfg`, and for `cfg_attr` with a `cfg` in it.
fn is_conditional(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let cfg = Ident::new("cfg", Span::call_site());
    list.path.is_ident("cfg")
        || list.path.is_ident("cfg_attr") && mentions(list.tokens.clone(), &cfg)
}

fn check_reference<'a>(
    reference: &'a TypeReference,
    diagnostics: &mut Diagnostics,
) -> Option<Param<'a>> {
    if let Some(mutable) = &reference.mutability {
        diagnostics.error(
            mutable,
            "a parameter of an RPC function cannot be a mutable reference",
            "calls run at the same time: keep what changes behind a `Mutex`",
        );
        return None;
    }
    match ungrouped(&reference.elem) {
        inner if is_str(inner) || matches!(inner, Type::Slice(_)) => {
            let owned = owned_form(&reference.to_token_stream());
            diagnostics.error(
                reference,
                "references are injected, and this one would come from the caller",
                format!("take the owned type: `{owned}`"),
            );
            None
        }
        Type::TraitObject(_) | Type::ImplTrait(_) => {
            diagnostics.error(
                reference,
                "references are injected by their type, and this one has no type of its own",
                "put it into a struct that derives `PluginState`",
            );
            None
        }
        inner => Some(Param::Injected(inner)),
    }
}

fn check_value<'a>(
    typed: &'a PatType,
    ty: &'a Type,
    marks: Marks,
    diagnostics: &mut Diagnostics,
) -> Option<Param<'a>> {
    const PROBLEM: &str = "a parameter of an RPC function needs a name";
    let name = match &*typed.pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => pat.ident.clone(),
        Pat::Wild(wild) => {
            diagnostics.error(
                wild,
                PROBLEM,
                "write one, such as `_unused`: callers see it",
            );
            return None;
        }
        pattern => {
            let written = pattern.to_token_stream();
            let help = format!(
                "write one, and in the body `let {written} = {};`",
                example(ty)
            );
            diagnostics.error(pattern, PROBLEM, help);
            return None;
        }
    };
    if let Some(injected) = names_injected(ty) {
        diagnostics.error(
            ty,
            format!("`{injected}` is injected, and what is injected is taken by reference"),
            format!("write `&{injected}`"),
        );
        return None;
    }
    if let Some(state) = option_of_state(ty) {
        let written = state.to_token_stream();
        let otherwise = match names_injected(state) {
            Some(_) => String::new(),
            None => format!(
                "; if it need not be, take `ctx: &DevToolsContext` and ask for \
                 `ctx.state::<{written}>()`"
            ),
        };
        diagnostics.error(
            ty,
            format!("references are injected, and `{name}` would be one that may be missing"),
            format!("take `&{written}`, which is always there{otherwise}"),
        );
        return None;
    }
    if is_str(ty) || matches!(ty, Type::Slice(_)) {
        let owned = owned_form(&quote!(&#ty));
        let help = format!("write the owned type: `{owned}`");
        diagnostics.error(ty, format!("the parameter `{name}` has no size"), help);
        return None;
    }
    check_travels(&format!("the parameter `{name}`"), ty, diagnostics).then_some(Param::Wire {
        name,
        ty,
        marks,
    })
}

/// Returns the name of an injected type of the runtime, if the type has one.
fn names_injected(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else {
        return None;
    };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?;
    let is_ours = segments
        .next()
        .is_none_or(|of| of.ident == "devtools_runtime");
    ["DevToolsContext", "RpcSession"]
        .into_iter()
        .find(|name| is_ours && last.ident == name && last.arguments.is_none())
}

/// Returns `T` of an `Option<&T>`, unless `&T` is text or a list that the caller would send.
fn option_of_state(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first().filter(|_| is_option(ty))? {
        GenericArgument::Type(inner) => match ungrouped(inner) {
            Type::Reference(reference) => Some(ungrouped(&reference.elem))
                .filter(|state| !is_str(state) && matches!(state, Type::Path(_))),
            _ => None,
        },
        _ => None,
    }
}

/// Proposes a name for a parameter of this type.
fn example(ty: &Type) -> String {
    let last = ty
        .to_token_stream()
        .into_iter()
        .last()
        .map(TokenStream::from);
    let last = last.and_then(|token| syn::parse2::<Ident>(token).ok());
    last.map(|ident| ident.to_string())
        .filter(|name| name.starts_with(char::is_uppercase))
        .map_or_else(|| "value".to_owned(), |name| name.to_lowercase())
}
