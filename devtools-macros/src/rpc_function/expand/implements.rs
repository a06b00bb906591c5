//! The parts that an implementation takes from its declaration, and the comparison with it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Ident, Path, ReturnType};

use crate::rpc_function::expand::spans::{first_and_last, list_span, site};
use crate::rpc_function::model::{Contract, RpcFunction};

/// Returns the constants that callers see, taken from the declaration.
pub(super) fn constants(declaration: &Path, runtime: &Path) -> TokenStream {
    let declared = declared(declaration, runtime);
    quote_spanned! {span_of(declaration)=>
        const NAME: &'static ::core::primitive::str = #declared::NAME;
        const KIND: #runtime::FunctionKind = #declared::KIND;
        const SIDE: #runtime::Side = #declared::SIDE;
        const ENCODING: #runtime::Encoding = #declared::ENCODING;
        const PARAMETERS: &'static [#runtime::functions::Parameter] = #declared::PARAMETERS;
        const DESCRIPTION: &'static ::core::primitive::str = #declared::DESCRIPTION;
    }
}

/// Declares an alias with one span, so that a path which is not a declaration gives one error.
pub(super) fn alias(model: &RpcFunction<'_>) -> Option<TokenStream> {
    match &model.contract {
        Contract::Own(_) => None,
        Contract::Declared(declaration) => Some(quote!(type __Declared = #declaration;)),
    }
}

/// Returns the declaration as an `RpcFunction`.
pub(super) fn declared(declaration: &Path, runtime: &Path) -> TokenStream {
    quote_spanned!(span_of(declaration)=> <__Declared as #runtime::RpcFunction>)
}

/// Returns the span for errors about a path.
pub(super) fn span_of(path: &Path) -> Span {
    first_and_last(path.to_token_stream()).0
}

/// Compares the implementation with the declaration: each type where the function has it, and everything that the
/// attribute cannot know.
pub(super) fn same(model: &RpcFunction<'_>) -> Option<TokenStream> {
    let Contract::Declared(declaration) = &model.contract else {
        return None;
    };
    let RpcFunction {
        runtime,
        identity,
        options,
        ..
    } = model;
    let declared = declared(declaration, runtime);
    let names: Vec<Ident> = (0..model.wire_params().count())
        .map(|index| Ident::new(&format!("arg{index}"), Span::mixed_site()))
        .collect();
    let parameters = model.wire_params().zip(&names).map(|((_, ty), name)| {
        let span = first_and_last(ty.to_token_stream()).0;
        let is = quote_spanned!(span=> is::<#ty>());
        quote!(#runtime::__private::declared(#name).#is;)
    });
    let count = quote_spanned!(list_span(model)=> (#(#names,)*));
    let output = match model.output() {
        ReturnType::Default => site(model),
        ReturnType::Type(_, ty) => first_and_last(ty.to_token_stream()).0,
    };
    let mut own = (*identity).clone();
    own.set_span(output.resolved_at(Span::call_site()));
    let same_result = quote_spanned! {output=>
        same_result::<#own, #declared::Output, #declared::Error>()
    };
    let server = quote_spanned! {span_of(declaration)=>
        const _: () = ::core::assert!(
            ::core::matches!(#declared::SIDE, #runtime::Side::Server),
            "this is a function of the client, which implements it with `rpc.register::<..>(..)`"
        );
        const _: () = ::core::assert!(
            !#runtime::__private::Probe::<__Declared>::HAS_BODY
                && !#runtime::__private::Probe::<__Declared>::IS_SET_UP,
            "`implements` takes a declaration, which has no body, and this function has a body"
        );
    };
    let dumped = options
        .snapshot
        .as_ref()
        .map(Ident::span)
        .or(options.dump.as_ref().map(span_of));
    let query = dumped.map(|span| {
        quote_spanned! {span=>
            const _: () = ::core::assert!(
                ::core::matches!(#declared::KIND, #runtime::FunctionKind::Query),
                "`dump` and `snapshot` are for a `query`, and the declaration is of another kind"
            );
        }
    });
    let types = quote_spanned! {span_of(declaration)=>
        const _: fn(#declared::Args) = |#count| {
            #(#parameters)*
            #runtime::__private::#same_result;
        };
    };
    Some(quote!(#types #server #query))
}
