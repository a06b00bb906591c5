//! The documentation of what is generated.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path};

use crate::rpc_function::choice::Kind;
use crate::rpc_function::model::{Contract, Own, RpcFunction};

/// The docs of the identity type: the function's own, then a line on what the type is.
pub(super) fn of_identity(model: &RpcFunction<'_>) -> TokenStream {
    let own: Vec<_> = docs(model.attrs).collect();
    let gap = (!own.is_empty()).then(|| quote!(#[doc = ""]));
    let note = match &model.contract {
        Contract::Own(Own { name, kind, .. }) => {
            let kind = match kind {
                Kind::Query => "query",
                Kind::Static => "static function",
                Kind::Action => "action",
                Kind::Event => "event",
            };
            let name = name.value();
            format!(" Stands for the {kind} `{name}`, to call it and to name it.")
        }
        Contract::Declared(declaration) => {
            let declaration = written(declaration);
            format!(" Stands for this implementation of [`{declaration}`].")
        }
    };
    quote! {
        #(#own)*
        #gap
        #[doc = #note]
    }
}

/// The docs of the constant `NAME`.
pub(super) fn of_name(model: &RpcFunction<'_>) -> String {
    match &model.contract {
        Contract::Own(own) => format!(" The name on the wire: `{}`.", own.name.value()),
        Contract::Declared(declaration) => {
            format!(" The name on the wire: that of `{}`.", written(declaration))
        }
    }
}

fn written(path: &Path) -> String {
    let text = path.to_token_stream().to_string();
    text.split_whitespace().collect()
}

/// Whether there is a doc comment that says something.
pub(in crate::rpc_function) fn has_docs(attrs: &[Attribute]) -> bool {
    docs(attrs).any(|attribute| match &attribute.meta {
        // A macro such as `include_str!` may say something.
        Meta::NameValue(meta) => literal(&meta.value).is_none_or(|line| !line.trim().is_empty()),
        _ => false,
    })
}

/// The doc comment as one text, if there is one.
pub(super) fn description(attrs: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = docs(attrs)
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) => literal(&meta.value),
            _ => None,
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    Some(lines.join("\n").trim().to_owned()).filter(|text| !text.is_empty())
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(line),
            ..
        }) => Some(line.value()),
        _ => None,
    }
}

fn docs(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
}
