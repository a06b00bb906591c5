//! `#[derive(RpcError)]`: tokens → [`RpcError`] (checked) → tokens. After a mistake nothing is generated.

mod args;
mod expand;
mod model;
mod renamed;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use self::model::RpcError;
use crate::diagnostics::Diagnostics;

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let implementation = diagnostics
        .ok(syn::parse2::<DeriveInput>(item))
        .and_then(|item| {
            RpcError::validate(&item, &mut diagnostics).map(|model| expand::expand(&model))
        });
    let errors = diagnostics.into_tokens();
    quote! { #implementation #errors }
}
