//! `#[derive(PluginState)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Path, parse_quote};

use crate::diagnostics::Diagnostics;

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let implementation = diagnostics
        .ok(syn::parse2(item))
        .and_then(|item| implement(&item, &mut diagnostics));
    let errors = diagnostics.into_tokens();
    quote! { #implementation #errors }
}

fn implement(item: &DeriveInput, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    let runtime = diagnostics.ok(runtime_path(item))?;
    let name = &item.ident;
    if !item.generics.params.is_empty() {
        diagnostics.error(
            &item.generics,
            "state of a plugin cannot be generic",
            format!("derive it for a type of its own that holds one `{name}`"),
        );
        return None;
    }
    let state = quote_spanned!(name.span()=> #runtime::PluginState);
    Some(quote! {
        #[automatically_derived]
        impl #state for #name {}
    })
}

/// Returns the path of the runtime: that of `#[devtools(crate = path)]`, or the default.
fn runtime_path(item: &DeriveInput) -> syn::Result<Path> {
    let mut runtime = parse_quote!(::devtools_runtime);
    for attribute in item
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("devtools"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                runtime = meta.value()?.call(Path::parse_mod_style)?;
                return Ok(());
            }
            Err(meta.error("unknown option\nhelp: the one option is `crate = path`"))
        })?;
    }
    Ok(runtime)
}
