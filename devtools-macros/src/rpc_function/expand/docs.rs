//! The documentation of what is generated.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::rpc_function::choice::Kind;
use crate::rpc_function::model::RpcFunction;

/// The docs of the identity type: the function's own, then a line on what the type is.
pub(super) fn of_identity(model: &RpcFunction<'_>) -> TokenStream {
    let own: Vec<_> = docs(model.attrs).collect();
    let gap = (!own.is_empty()).then(|| quote!(#[doc = ""]));
    let kind = match model.kind {
        Kind::Query => "query",
        Kind::Static => "static function",
        Kind::Action => "action",
        Kind::Event => "event",
    };
    let name = model.name.value();
    let note = format!(" Stands for the {kind} `{name}`, to call it and to name it.");
    quote! {
        #(#own)*
        #gap
        #[doc = #note]
    }
}

/// The docs of the constant `NAME`.
pub(super) fn of_name(model: &RpcFunction<'_>) -> String {
    format!(" The name on the wire: `{}`.", model.name.value())
}

/// The doc comment as one text, if there is one.
pub(super) fn description(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = docs(attrs)
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) => match &meta.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(line),
                    ..
                }) => Some(line.value()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    Some(lines.join("\n").trim().to_owned()).filter(|text| !text.is_empty())
}

fn docs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
}
