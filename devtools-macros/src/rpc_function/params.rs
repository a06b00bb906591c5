//! Parameters, and the checks of each.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Meta, Pat, PatType, PathArguments, Signature, Type,
    TypeReference,
};

use crate::diagnostics::Diagnostics;
use crate::rpc_function::marks::Marks;
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
                "an RPC function is not part of an `impl`, so it cannot take `self`",
                "move it out of the `impl`, and take the state by reference: `state: &MyState`",
            ),
            FnArg::Typed(typed) => {
                check_attrs(&typed.attrs, diagnostics);
                let marks = Marks::parse(&typed.attrs, diagnostics);
                params.extend(match ungrouped(&typed.ty) {
                    Type::Reference(reference) => {
                        let problem = "`nullable` is for parameters that the caller passes, and the runtime supplies references";
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
            format!(
                "an RPC function takes at most {MAX_WIRE_PARAMETERS} parameters from its caller"
            ),
            "put them into a struct: `#[derive(serde::Serialize, serde::Deserialize)]`",
        );
    }
}

/// The help for an `Option` before a required parameter of a function.
pub(super) const NULLABLE: &str =
    "if callers should pass `null`, write `#[rpc(nullable)]` before it";

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
                format!("`nullable` is for an `Option`, and `{name}` is not one"),
                "remove `#[rpc(nullable)]`, or write the type as `Option<..>`",
            ),
            Some(mark) if is_last && is_complete => diagnostics.error(
                mark,
                format!("`nullable` is for an `Option` before a required parameter, and no such parameter follows `{name}`"),
                "remove `#[rpc(nullable)]`: callers may pass `null` or leave the argument out",
            ),
            None | Some(_) => {}
        }
    }
}

/// Refuses `nullable` on an implementation, because the declaration sets it.
pub(super) fn check_implemented(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    for param in params {
        if let Param::Wire { marks, .. } = param {
            let problem =
                "`nullable` is set by the declaration, and an implementation cannot change it";
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
                "a declaration takes no references: it lists only what callers pass",
                "remove the parameter: the implementation may still take the reference",
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
            "calls run at the same time: take `&T`, and keep what changes in a `Mutex`",
        );
        return None;
    }
    match ungrouped(&reference.elem) {
        inner if is_str(inner) || matches!(inner, Type::Slice(_)) => {
            let owned = owned_form(&reference.to_token_stream());
            diagnostics.error(
                reference,
                "a caller cannot pass a reference: the runtime supplies references",
                format!("take the owned type: `{owned}`"),
            );
            None
        }
        Type::TraitObject(_) | Type::ImplTrait(_) => {
            diagnostics.error(
                reference,
                "the runtime supplies references by their type, and a trait does not name one",
                "put the value into a struct that derives `PluginState`, and take a reference to the struct",
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
                "write a name, such as `_unused`: callers see it",
            );
            return None;
        }
        pattern => {
            let written = pattern.to_token_stream();
            let help = format!(
                "write a name, and take the value apart in the body: `let {written} = {};`",
                example(ty)
            );
            diagnostics.error(pattern, PROBLEM, help);
            return None;
        }
    };
    if let Some(injected) = names_injected(ty) {
        diagnostics.error(
            ty,
            format!("the runtime supplies `{injected}`, and only as a reference"),
            format!("write `&{injected}`"),
        );
        return None;
    }
    if let Some(state) = option_of_state(ty) {
        let written = state.to_token_stream();
        let otherwise = match names_injected(state) {
            Some(_) => String::new(),
            None => format!(
                "; if the state may be missing, take `ctx: &DevToolsContext` and call \
                 `ctx.state::<{written}>()`"
            ),
        };
        diagnostics.error(
            ty,
            format!("`{name}` cannot be an `Option`: the runtime supplies references, and they are never missing"),
            format!("take `&{written}`{otherwise}"),
        );
        return None;
    }
    if is_str(ty) || matches!(ty, Type::Slice(_)) {
        let owned = owned_form(&quote!(&#ty));
        let help = format!("write the owned type: `{owned}`");
        diagnostics.error(
            ty,
            format!("the type of the parameter `{name}` has no known size"),
            help,
        );
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
