//! The documentation of generated items.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::Path;

use crate::docs::docs;
use crate::rpc_function::choice::Kind;
use crate::rpc_function::model::{Contract, Own, RpcFunction};

/// Returns the docs of the identity type: those of the function, followed by a line about the type.
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
            format!(
                " Stands for the {kind} `{name}`. Use it to call the function or to refer to it."
            )
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

/// Returns the docs of the constant `NAME`.
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
