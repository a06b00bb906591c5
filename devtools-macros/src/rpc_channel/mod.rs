//! `#[rpc_channel]`: tokens → [`Args`] (shape) → [`RpcChannel`] (checked) → tokens.
//!
//! Only the first two steps can fail. The item is always emitted, and first; past a mistake nothing else is.

mod args;
mod expand;
mod model;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemStruct;

use self::args::Args;
use self::model::RpcChannel;
use crate::diagnostics::Diagnostics;

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let args = Args::parse(args, &mut diagnostics);
    let structure = syn::parse2::<ItemStruct>(item.clone());
    let structure = structure.map_err(|error| {
        // Where a struct would go on: at `enum`, say.
        let message = "a channel is declared by a struct\nhelp: write `pub struct Chat(Token);` with the type of its chunks";
        syn::Error::new(error.span(), message)
    });
    let structure = diagnostics.ok(structure);
    let generated = structure
        .as_ref()
        .and_then(|structure| RpcChannel::validate(args, structure, &mut diagnostics))
        .map(|model| expand::expand(&model));
    let errors = diagnostics.into_tokens();
    // It stands for the channel, and is never built.
    let quiet = structure.map(|_| {
        quote!(#[allow(dead_code, missing_copy_implementations, missing_debug_implementations)])
    });
    quote! { #quiet #item #generated #errors }
}
