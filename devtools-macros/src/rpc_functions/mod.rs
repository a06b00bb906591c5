//! `rpc_functions!` declares lists of functions. `call!` calls a function of such a list by its name.
//!
//! Both begin with the path of the runtime, because the runtime's own macros put `$crate` there.

mod call;
mod declare;
mod list;
mod span;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use self::call::Call;
use self::list::List;
use crate::diagnostics::Diagnostics;

/// Expands `rpc_functions! { pub struct MyPluginFunctions { GetModule } }`.
pub(crate) fn declare(input: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let list = diagnostics.ok(syn::parse2::<List>(input));
    let declared = list.as_ref().map(|list| {
        list.check(&mut diagnostics);
        declare::expand(list)
    });
    let errors = diagnostics.into_tokens();
    quote! { #declared #errors }
}

/// Expands `call!(rpc, "my-plugin:get-module", "/src/main.ts")`.
pub(crate) fn call(input: TokenStream) -> TokenStream {
    match syn::parse2::<Call>(input) {
        Ok(call) => call::expand(&call),
        // `compile_error!` can have any type, so its error is the only one.
        Err(error) => error.into_compile_error(),
    }
}
