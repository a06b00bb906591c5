//! `#[derive(PluginState)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{DeriveInput, Ident, Path, parse_quote};

use crate::diagnostics::Diagnostics;
use crate::options::{Options, read_options, set};

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
            format!("derive it for a type of its own that holds one `{name}`"),
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

/// The options of `#[devtools(..)]`.
#[derive(Default)]
struct Args {
    runtime: Option<Path>,
}

impl Options for Args {
    fn known(&self) -> &'static [&'static str] {
        &["crate"]
    }

    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        if key != "crate" {
            return Ok(false);
        }
        let example = "devtools_runtime";
        set(&mut self.runtime, key, example, input, diagnostics)?;
        Ok(true)
    }
}

/// Returns the runtime's path: `#[devtools(crate = path)]`, or where it is by default.
fn runtime_path(item: &DeriveInput, diagnostics: &mut Diagnostics) -> Path {
    let mut args = Args::default();
    let attributes = item.attrs.iter();
    for attribute in attributes.filter(|attribute| attribute.path().is_ident("devtools")) {
        let read = |input: ParseStream<'_>| read_options(&mut args, input, diagnostics);
        let read = attribute.parse_args_with(read);
        diagnostics.ok(read);
    }
    args.runtime
        .unwrap_or_else(|| parse_quote!(::devtools_runtime))
}
