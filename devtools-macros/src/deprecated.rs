//! The attribute `deprecated`, for the generated parts of an item.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token, punctuated::Punctuated};

/// The attribute `deprecated` of the item.
pub(crate) struct Deprecated {
    /// The attribute, to be repeated on the generated functions so that their callers are warned.
    pub(crate) attribute: Attribute,
    /// The note with the reason and the replacement. Empty if there is none.
    pub(crate) note: String,
}

impl Deprecated {
    /// Finds the attribute. The compiler reports one that is malformed.
    pub(crate) fn of(attrs: &[Attribute]) -> Option<Self> {
        let is_deprecated = |attribute: &&Attribute| attribute.path().is_ident("deprecated");
        let attribute = attrs.iter().find(is_deprecated)?;
        let note = match &attribute.meta {
            Meta::Path(_) => None,
            Meta::NameValue(meta) => text(&meta.value),
            Meta::List(list) => {
                let options = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
                options
                    .into_iter()
                    .flatten()
                    .find_map(|option| match option {
                        Meta::NameValue(meta) if meta.path.is_ident("note") => text(&meta.value),
                        _ => None,
                    })
            }
        };
        Some(Self {
            attribute: attribute.clone(),
            note: note.unwrap_or_default(),
        })
    }

    /// Returns the lint to allow on generated items. Users of the deprecated item are warned, but the generated code must not be.
    pub(crate) fn allow(deprecated: Option<&Self>) -> Option<TokenStream> {
        let reason = "its users are warned, and not the code that is generated for it";
        deprecated.map(|_| quote!(#[allow(deprecated, reason = #reason)]))
    }
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}
