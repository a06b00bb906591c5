//! `#[rpc_function]`: tokens → [`Args`] (shape) → [`RpcFunction`] (checked) → tokens.
//!
//! Only the first two steps can fail. The item is always emitted, unchanged and first. After a mistake nothing else
//! is emitted.

mod args;
mod checked_options;
mod choice;
mod expand;
mod implements;
mod item;
mod marks;
mod model;
mod params;
mod setup;
#[cfg(test)]
mod tests;
mod types;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::item::Item;
use self::model::RpcFunction;
use crate::diagnostics::Diagnostics;
use crate::options;

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let args: Args = options::parse(args, &mut diagnostics);
    let function = diagnostics.ok(syn::parse2::<Item>(item.clone()));
    let generated = function
        .as_ref()
        .and_then(|function| RpcFunction::validate(args, function, &mut diagnostics))
        .map(|model| expand::expand(&model));
    let emitted = match &function {
        Some(function) => function.emitted(item),
        None => Some(item),
    };
    let errors = diagnostics.into_tokens();
    quote! { #emitted #generated #errors }
}
