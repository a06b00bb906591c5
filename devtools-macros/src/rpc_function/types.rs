//! The properties of a type that its tokens show: whether it can be sent, and which names it uses.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::diagnostics::Diagnostics;

/// Reports the first part of a type that cannot be sent: a borrow, or `impl Trait`. Returns `true` if there is none.
///
/// `what` is the subject of the message, such as ``the parameter `id` ``.
pub(super) fn check_travels(what: &str, ty: &impl ToTokens, diagnostics: &mut Diagnostics) -> bool {
    let Some(part) = first_immobile(ty.to_token_stream()) else {
        return true;
    };
    match part {
        Immobile::Reference(reference) => {
            let help = format!("write the owned type: `{}`", owned_form(&reference));
            diagnostics.error(reference, format!("{what} cannot borrow"), help);
        }
        Immobile::Lifetime(lifetime) => {
            let help = "write `'static` in place of the lifetime, or another type";
            diagnostics.error(lifetime, format!("{what} cannot borrow"), help);
        }
        Immobile::ImplTrait(keyword) => {
            let help = "write a concrete type: callers in other programs must know it";
            diagnostics.error(keyword, format!("{what} cannot be `impl Trait`"), help);
        }
    }
    false
}

/// A part of a type that cannot be sent, with its tokens.
enum Immobile {
    Reference(TokenStream),
    Lifetime(TokenStream),
    ImplTrait(Ident),
}

fn first_immobile(tokens: TokenStream) -> Option<Immobile> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let mut reference = TokenStream::from(TokenTree::from(punct));
                let inner = std::iter::from_fn(|| tokens.next_if(|token| !ends_argument(token)));
                reference.extend(inner);
                return Some(Immobile::Reference(reference));
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                let lifetime = tokens.next_if(|name| name.to_string() != "static");
                if let Some(name) = lifetime {
                    return Some(Immobile::Lifetime(
                        [punct.into(), name].into_iter().collect(),
                    ));
                }
            }
            TokenTree::Ident(keyword) if keyword == "impl" => {
                return Some(Immobile::ImplTrait(keyword));
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                if let Some(found) = first_immobile(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

fn ends_argument(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | '>'))
}

/// Returns the type without the invisible group of a `macro_rules!` variable such as `$ty:ty`.
pub(super) fn ungrouped(mut ty: &Type) -> &Type {
    while let Type::Group(group) = ty {
        ty = &group.elem;
    }
    ty
}

pub(super) fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

/// Returns the `T` of `Result<T, &'static str>`, because such an error is sent as text, not as a reference. Returns
/// any other type unchanged.
pub(super) fn without_literal_error(ty: &Type) -> &Type {
    let Type::Path(path) = ungrouped(ty) else {
        return ty;
    };
    let arguments = path.path.segments.last().map(|last| &last.arguments);
    let Some(PathArguments::AngleBracketed(arguments)) = arguments else {
        return ty;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(output)), Some(GenericArgument::Type(error)), None)
            if is_static_str(error) =>
        {
            output
        }
        _ => ty,
    }
}

fn is_static_str(ty: &Type) -> bool {
    let Type::Reference(reference) = ungrouped(ty) else {
        return false;
    };
    let lifetime = reference.lifetime.as_ref();
    reference.mutability.is_none()
        && lifetime.is_some_and(|lifetime| lifetime.ident == "static")
        && is_str(&reference.elem)
}

/// Returns `true` if the type is written as the `Option` of the standard library.
pub(super) fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else {
        return false;
    };
    let names: Vec<String> = path
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    path.qself.is_none()
        && matches!(
            names.as_slice(),
            ["Option"] | ["std" | "core", "option", "Option"]
        )
}

/// Returns the owned type to write instead of a reference.
pub(super) fn owned_form(reference: &TokenStream) -> String {
    let Ok(reference) = syn::parse2::<syn::TypeReference>(reference.clone()) else {
        return "String".to_owned();
    };
    match &*reference.elem {
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", slice.elem.to_token_stream()),
        other => other.to_token_stream().to_string(),
    }
}

/// Returns `true` if `name` is used on its own, and not as a later segment of a path.
pub(super) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    let mut colons = 0;
    tokens.into_iter().any(|token| {
        let in_path = colons == 2;
        let is_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        colons = if is_colon { colons + 1 } else { 0 };
        match token {
            TokenTree::Ident(ident) => !in_path && ident == *name,
            TokenTree::Group(group) => mentions(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}
