//! `#[derive(PluginState)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Path, parse_quote};

use crate::diagnostics::Diagnostics;
use crate::options::{options, read_attributes};

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let implementation = diagnostics
        .ok(syn::parse2(item))
        .and_then(|item| implement(&item, &mut diagnostics));
    let errors = diagnostics.into_tokens();
    quote! { #implementation #errors }
}

fn implement(item: &DeriveInput, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    let runtime = runtime_path(item, diagnostics);
    let name = &item.ident;
    if !item.generics.params.is_empty() {
        diagnostics.error(
            &item.generics,
            "state of a plugin cannot be generic",
            format!(
                "derive `PluginState` for a struct without type parameters that holds a `{name}`"
            ),
        );
        return None;
    }
    let state = quote_spanned!(name.span()=> #runtime::PluginState);
    diagnostics.is_empty().then_some(())?;
    Some(quote! {
        #[automatically_derived]
        impl #state for #name {}
    })
}

options! {
    /// The options of `#[devtools(..)]`.
    struct Args {
        "crate" => runtime: Path = "devtools_runtime",
    }
}

/// Returns the path of the runtime: that of `#[devtools(crate = path)]`, or the default.
fn runtime_path(item: &DeriveInput, diagnostics: &mut Diagnostics) -> Path {
    let mut args = Args::default();
    read_attributes(
        &mut args,
        &item.attrs,
        "devtools",
        "crate = devtools_runtime",
        diagnostics,
    );
    args.runtime
        .unwrap_or_else(|| parse_quote!(::devtools_runtime))
}
