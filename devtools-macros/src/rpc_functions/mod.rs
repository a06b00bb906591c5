//! `rpc_functions!` declares lists of functions, and `call!` calls what is in one by its name.
//!
//! Both begin with the runtime's path, which the macros of the runtime put there: it is `$crate`.

mod call;
mod declare;
mod list;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use self::call::Call;
use self::list::List;
use crate::diagnostics::Diagnostics;

/// `rpc_functions! { pub struct MyPluginFunctions { GetModule } }`.
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

/// `call!(rpc, "my-plugin:get-module", "/src/main.ts")`.
pub(crate) fn call(input: TokenStream) -> TokenStream {
    match syn::parse2::<Call>(input) {
        Ok(call) => call::expand(&call),
        // As an expression it has whatever type is wanted, so that this is the only error.
        Err(error) => error.into_compile_error(),
    }
}

/// What users see of `span`, as code that is not theirs: lints leave it alone, and their names do not meet ours.
fn ours(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}
