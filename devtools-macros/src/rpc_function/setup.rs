//! The setup style: the return type describes the parameters and the result of the handler.

use syn::{GenericArgument, Ident, PathArguments, ReturnType, Signature, Type, TypeFnPtr};

use crate::diagnostics::Diagnostics;
use crate::rpc_function::marks::{Marks, is_mark};
use crate::rpc_function::params::{Param, check_count};
use crate::rpc_function::types::check_travels;

/// The help for an `Option` before a required parameter of a handler.
pub(super) const NAMED_TYPE: &str =
    "if callers should pass `null`, give the type an alias: `type Filter = Option<..>;`";

/// The handler, as the return type of its setup describes it.
pub(super) struct Handler<'a> {
    pub(super) signature: &'a TypeFnPtr,
    pub(super) params: Vec<Param<'a>>,
}

/// Checks a setup: it takes references and returns a handler.
pub(super) fn check<'a>(
    sig: &'a Signature,
    params: &[Param<'_>],
    diagnostics: &mut Diagnostics,
) -> Option<Handler<'a>> {
    for param in params {
        if let Param::Wire { name, .. } = param {
            diagnostics.error(
                name,
                "a setup takes only references: it runs once, before any call passes arguments",
                format!("take it in the handler: `Setup<fn({name}: ..) -> ..>`"),
            );
        }
    }
    let ReturnType::Type(_, ty) = &sig.output else {
        diagnostics.error(
            &sig.ident,
            "a setup must return the handler of the calls",
            "write the type of the handler: `-> Setup<fn() -> ..>`",
        );
        return None;
    };
    let Some(signature) = find_signature(ty) else {
        diagnostics.error(
            ty,
            "the return type of a setup must show what the handler takes and returns",
            "write the type in full instead of an alias: `Setup<fn(String) -> u64>`",
        );
        return None;
    };
    check_plain(signature, diagnostics);
    check_unmarked_types(signature, diagnostics);
    let params: Vec<_> = signature
        .inputs
        .iter()
        .enumerate()
        .filter_map(|(index, input)| {
            let written = input.name.as_ref().map(|(name, _)| name);
            let name = match written {
                Some(name) if name != "_" => name.clone(),
                _ => Ident::new(&format!("arg{index}"), proc_macro2::Span::call_site()),
            };
            let marks = Marks {
                nullable: None,
                is_wrong: input.attrs.iter().any(is_mark),
            };
            check_travels(&format!("the parameter `{name}`"), &input.ty, diagnostics).then_some(
                Param::Wire {
                    name,
                    ty: &input.ty,
                    marks,
                },
            )
        })
        .collect();
    check_count(&params, diagnostics);
    Some(Handler { signature, params })
}

/// Refuses a function that returns a handler but is not marked as a setup. Returns `true` in this case.
pub(super) fn check_unmarked(output: &ReturnType, diagnostics: &mut Diagnostics) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let is_setup = find_signature(ty).is_some();
    if is_setup {
        diagnostics.error(
            ty,
            "a function cannot be sent as a result",
            "if this is a setup, whose result is the handler of the calls, add the option `setup`",
        );
    }
    is_setup
}

/// Finds the function type inside `Setup<fn() -> R>` or `Result<Setup<fn() -> R>, E>`, whatever the names of these
/// types.
fn find_signature(ty: &Type) -> Option<&TypeFnPtr> {
    match ty {
        Type::FnPtr(signature) => Some(signature),
        Type::Paren(paren) => find_signature(&paren.elem),
        Type::Group(group) => find_signature(&group.elem),
        Type::Path(path) => match &path.path.segments.last()?.arguments {
            PathArguments::AngleBracketed(arguments) => {
                arguments.args.iter().find_map(|argument| match argument {
                    GenericArgument::Type(ty) => find_signature(ty),
                    _ => None,
                })
            }
            _ => None,
        },
        _ => None,
    }
}

/// Refuses marks in function types, because formatters remove them there.
fn check_unmarked_types(signature: &TypeFnPtr, diagnostics: &mut Diagnostics) {
    let attrs = signature.inputs.iter().flat_map(|input| &input.attrs);
    for mark in attrs.filter(|attribute| is_mark(attribute)) {
        diagnostics.error(
            mark,
            "a parameter in the type of a handler cannot have attributes: rustfmt removes them",
            NAMED_TYPE,
        );
    }
}

fn check_plain(signature: &TypeFnPtr, diagnostics: &mut Diagnostics) {
    const PROBLEM: &str = "the type of a handler must be a plain function type";
    const HELP: &str =
        "write it as `fn(..) -> ..`, without lifetimes, `unsafe`, `extern` or variadic arguments";
    if let Some(lifetimes) = &signature.lifetimes {
        diagnostics.error(lifetimes, PROBLEM, HELP);
    }
    if let Some(unsafety) = &signature.unsafety {
        diagnostics.error(unsafety, PROBLEM, HELP);
    }
    if let Some(abi) = &signature.abi {
        diagnostics.error(abi, PROBLEM, HELP);
    }
    if let Some(variadic) = &signature.variadic {
        diagnostics.error(variadic, PROBLEM, HELP);
    }
}
