//! Expands the model to tokens. The expansion only names things and calls the runtime.

mod docs;
mod implements;
mod options;
mod spans;
mod wrappers;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Attribute, Ident, ReturnType};

use crate::choice::Encoding;
use crate::docs::description;
use crate::names;
use crate::rpc_function::choice::{Kind, Side};
use crate::rpc_function::expand::spans::{args_span, first_and_last, output_span, scope, site};
use crate::rpc_function::model::{Contract, Own, RpcFunction};
use crate::rpc_function::params::Param;
use crate::rpc_function::setup::Handler;

pub(super) fn expand(model: &RpcFunction<'_>) -> TokenStream {
    let RpcFunction {
        vis,
        identity,
        runtime,
        ..
    } = model;
    let cfgs: Vec<&Attribute> = model
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect();
    let docs = docs::of_identity(model);
    let type_ = quote_spanned!(site(model)=> enum #identity {});
    let returned = returned(model);
    let function = function(model);
    let implementation = model.has_body.then(|| match &model.handler {
        Some(handler) => set_up(model, handler),
        None => implementation(model),
    });
    let dumped = options::dumped(model);
    let snapshot = options::snapshot(model);
    let alias = implements::alias(model);
    let same = implements::same(model);
    let inherent = inherent(model);
    let clippy = quote!(clippy::all, clippy::pedantic, clippy::nursery);
    let reason = quote!(reason = "the code is generated, and its author cannot mend it");
    // Items that appear in messages and documentation are beside the function, the others in a block.
    quote! {
        #(#cfgs)*
        #docs
        #vis #type_

        #(#cfgs)*
        #[allow(dead_code, deprecated, non_snake_case, unreachable_pub, #clippy, #reason)]
        #inherent

        #(#cfgs)*
        #[allow(deprecated, unused_imports, unused_variables, #clippy, #reason)]
        const _: () = {
            use #runtime::__private::ProbeFallback as _;
            #returned
            #alias
            #function
            #implementation
            #dumped
            #snapshot
            #same
            #runtime::__private::inventory::submit! {
                #runtime::__private::Registration::new(#identity::definition)
            }
        };
    }
}

/// Declares the return type, and whether it is a `Result`.
fn returned(model: &RpcFunction<'_>) -> TokenStream {
    let runtime = &model.runtime;
    let written = match model.output() {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    quote! {
        type __Written = #written;
        type __Returned = #runtime::__private::Returns<
            __Written,
            {
                #runtime::__private::returns(
                    #runtime::__private::Probe::<__Written>::IS_RESULT,
                    #runtime::__private::Probe::<__Written>::HAS_TEXT,
                    #runtime::__private::Probe::<__Written>::HAS_ERROR,
                )
            },
        >;
    }
}

/// Writes `impl RpcFunction for GetModule`: the facts that both sides know.
fn function(model: &RpcFunction<'_>) -> TokenStream {
    let RpcFunction {
        identity, runtime, ..
    } = model;
    let constants = match &model.contract {
        Contract::Own(own) => own_constants(model, own),
        Contract::Declared(declaration) => implements::constants(declaration, runtime),
    };
    let options = options::options(model);
    let types: Vec<_> = model.wire_params().map(|(_, ty)| ty).collect();
    let args = quote_spanned!(args_span(model)=> (#(#types,)*));
    // Errors about these two types are reported at the return type.
    let (first, last) = output_span(model);
    let returned = quote_spanned!(first=> <__Returned as #runtime::__private::Returned>);
    let output = quote_spanned!(last=> Output);
    let error = quote_spanned!(last=> Error);
    quote! {
        #[automatically_derived]
        impl #runtime::RpcFunction for #identity {
            #constants
            #options
            type Args = #args;
            type Output = #returned::#output;
            type Error = #returned::#error;
            const FAILURE: #runtime::__private::Failure<Self::Error> =
                #runtime::__private::Probe::<<Self as #runtime::RpcFunction>::Error>::FAILURE;
            #runtime::__private::of_types! { #(#types),* }
        }
    }
}

/// Returns the constants that callers see, taken from the attribute.
fn own_constants(model: &RpcFunction<'_>, own: &Own) -> TokenStream {
    let runtime = &model.runtime;
    let name = &own.name;
    let kind = Ident::new(
        match own.kind {
            Kind::Query => "Query",
            Kind::Static => "Static",
            Kind::Action => "Action",
            Kind::Event => "Event",
        },
        Span::call_site(),
    );
    let side = (own.side == Side::Client)
        .then(|| quote!(const SIDE: #runtime::Side = #runtime::Side::Client;));
    let encoding = (own.encoding == Encoding::StructuredClone)
        .then(|| quote!(const ENCODING: #runtime::Encoding = #runtime::Encoding::StructuredClone;));
    let description = description(model.attrs)
        .map(|text| quote!(const DESCRIPTION: &'static ::core::primitive::str = #text;));
    let parameters = model.wire_params().map(|(name, ty)| {
        let name = name.unraw().to_string();
        quote!(#runtime::functions::Parameter::new(#name, #runtime::__private::Probe::<#ty>::IS_OPTION))
    });
    quote! {
        const NAME: &'static ::core::primitive::str = #name;
        const KIND: #runtime::FunctionKind = #runtime::FunctionKind::#kind;
        #side
        #encoding
        const PARAMETERS: &'static [#runtime::functions::Parameter] = &[#(#parameters),*];
        #description
    }
}

/// Writes `impl Implementation for GetModule`: the call of the function.
fn implementation(model: &RpcFunction<'_>) -> TokenStream {
    let RpcFunction {
        identity, runtime, ..
    } = model;
    let injected: Vec<_> = model.injected().collect();
    let injected = (!injected.is_empty()).then(|| {
        quote! {
            const INJECTED: &'static [#runtime::__private::Injection] =
                &[#(#runtime::__private::Injection::of::<#injected>()),*];
        }
    });
    let scope = scope();
    let names: Vec<Ident> = (0..model.wire_params().count())
        .map(|index| Ident::new(&format!("arg{index}"), Span::mixed_site()))
        .collect();
    let call = called(model, &scope, &names);
    let body = options::run(model, call);
    let run = quote_spanned! {site(model)=>
        fn run(
            #scope: &#runtime::__private::SharedScope,
            (#(#names,)*): Self::Args,
        ) -> #runtime::__private::Run<__Written>
    };
    quote! {
        #[automatically_derived]
        impl #runtime::functions::Implementation for #identity {
            #injected
            type Returned = __Returned;
            #run { #body }
        }
    }
}

/// Writes `impl SetupImplementation for GetConfig`: the creation of its handler.
fn set_up(model: &RpcFunction<'_>, handler: &Handler<'_>) -> TokenStream {
    let RpcFunction {
        identity, runtime, ..
    } = model;
    let injected = model
        .injected()
        .map(|ty| quote_spanned!(first_and_last(ty.to_token_stream()).0=> of_setup::<#ty>));
    let signature = handler.signature;
    let scope = scope();
    let returned = called(model, &scope, &[]);
    let wait = model.sig.asyncness.map(|_| quote!(.await));
    let output = match &model.sig.output {
        ReturnType::Default => site(model),
        ReturnType::Type(_, ty) => first_and_last(ty.to_token_stream()).0,
    };
    // If the result is not a setup, the error is reported at the return type.
    let setup = Ident::new("setup", output.resolved_at(Span::mixed_site()));
    let into_setup = quote_spanned!(output=> #runtime::__private::IntoSetup::into_setup(#setup));
    // If the future is not `Send`, the error is reported here.
    let run = quote_spanned! {site(model)=>
        async fn set_up(#scope: #runtime::__private::SharedScope) -> ::core::result::Result<
            #runtime::Setup<Self::Signature>,
            #runtime::__private::NotRun,
        >
    };
    quote! {
        #[automatically_derived]
        impl #runtime::__private::SetupImplementation for #identity {
            const INJECTED: &'static [#runtime::__private::Injection] =
                &[#(#runtime::__private::Injection::#injected()),*];
            type Signature = #signature;
            type Returned = __Returned;
            #run {
                let #setup = #returned #wait;
                #into_setup
            }
        }
    }
}

/// Writes the call of the user's function. `names` are the arguments from the wire.
fn called(model: &RpcFunction<'_>, scope: &Ident, names: &[Ident]) -> TokenStream {
    let runtime = &model.runtime;
    let function = &model.sig.ident;
    let mut next = names.iter();
    let passed = model.params.iter().map(|param| match param {
        Param::Injected(ty) => quote!(#runtime::__private::inject::<#ty>(&#scope)?),
        Param::Wire { .. } => next.next().to_token_stream(),
    });
    quote!(#function(#(#passed),*))
}

/// Writes `impl GetModule`: the functions that users call.
fn inherent(model: &RpcFunction<'_>) -> TokenStream {
    let RpcFunction {
        vis,
        identity,
        runtime,
        ..
    } = model;
    let name_doc = docs::of_name(model);
    let constructor = Ident::new(
        match (model.has_body, &model.handler) {
            (true, None) => "of",
            (true, Some(_)) => "set_up",
            (false, _) => "declared",
        },
        Span::call_site(),
    );
    let dumped = model
        .options
        .dump
        .as_ref()
        .map(|_| quote!(.dumped::<Self>()));
    let package = names::package();
    let wrappers = wrappers::wrappers(model);
    quote! {
        #[automatically_derived]
        impl #identity {
            #[doc = #name_doc]
            #vis const NAME: &'static ::core::primitive::str =
                <Self as #runtime::RpcFunction>::NAME;
            /// The kind of the function.
            #vis const KIND: #runtime::FunctionKind = <Self as #runtime::RpcFunction>::KIND;
            /// Returns the definition of the function, to register it.
            #vis const fn definition() -> #runtime::FunctionDefinition {
                #runtime::FunctionDefinition::#constructor::<Self>(
                    #runtime::functions::SourceLocation::of_caller(#package)
                )#dumped
            }
            #wrappers
        }
    }
}
