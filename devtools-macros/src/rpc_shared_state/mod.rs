//! `#[rpc_shared_state]`: tokens → [`Args`] (shape) → [`RpcSharedState`] (checked) → tokens.
//!
//! Only the first two steps can fail. The item is always emitted, and first. After a mistake nothing else is emitted.

mod args;
mod expand;
mod model;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::model::RpcSharedState;
use crate::declared::{STATE, quiet};
use crate::diagnostics::Diagnostics;
use crate::options;

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let args: Args = options::parse(args, &mut diagnostics);
    let structure = STATE.structure(item.clone(), "Progress", &mut diagnostics);
    let generated = structure
        .as_ref()
        .and_then(|structure| RpcSharedState::validate(args, structure, &mut diagnostics))
        .map(|model| expand::expand(&model));
    let errors = diagnostics.into_tokens();
    let quiet = quiet(structure);
    quote! { #quiet #item #generated #errors }
}
