//! Model → tokens. The expansion names things and delegates; what they do is in the runtime.

mod docs;
mod implements;
mod options;
mod wrappers;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Attribute, Ident, ReturnType};

use crate::docs::description;
use crate::rpc_function::choice::{Encoding, Kind, Side};
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
    // What messages and documentation name stands beside the function, the rest in a block.
    quote! {
        #(#cfgs)*
        #docs
        #vis #type_

        #(#cfgs)*
        #[allow(dead_code, deprecated, non_snake_case, unreachable_pub, #clippy)]
        #inherent

        #(#cfgs)*
        #[allow(deprecated, unused_imports, unused_variables, #clippy)]
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

/// Where errors about the function as a whole point: its name. Users see what has this span, but it
/// is not theirs, so that lints leave it alone.
fn site(model: &RpcFunction<'_>) -> Span {
    model.sig.ident.span().resolved_at(Span::call_site())
}

/// The return type, with what tells a `Result` from anything else.
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
            { #runtime::__private::Probe::<__Written>::IS_RESULT },
            {
                #runtime::__private::Probe::<__Written>::HAS_TEXT
                    && !#runtime::__private::Probe::<__Written>::HAS_ERROR
            },
        >;
    }
}

/// `impl RpcFunction for GetModule`: what is known of it on both sides.
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
    // Errors about the two point at the return type.
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

/// The constants that callers see, as the attribute says them.
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

/// The wire parameter if there is one, the parameter list otherwise.
fn args_span(model: &RpcFunction<'_>) -> Span {
    let mut params = model.wire_params();
    match (params.next(), params.next()) {
        (Some((_, ty)), None) => first_and_last(ty.to_token_stream()).0,
        _ => list_span(model),
    }
}

/// The list of what a call takes.
fn list_span(model: &RpcFunction<'_>) -> Span {
    match &model.handler {
        Some(handler) => handler.signature.paren_token.span.join(),
        None => model.sig.paren_token.span.join(),
    }
}

/// Beginning and end of the return type.
fn output_span(model: &RpcFunction<'_>) -> (Span, Span) {
    match model.output() {
        ReturnType::Default => (site(model), site(model)),
        ReturnType::Type(_, ty) => first_and_last(ty.to_token_stream()),
    }
}

pub(super) fn first_and_last(tokens: TokenStream) -> (Span, Span) {
    let mut spans = tokens.into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// `impl Implementation for GetModule`: how it is called.
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

/// `impl SetupImplementation for GetConfig`: how its handler is made.
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
    // What is no setup is reported at the return type.
    let setup = Ident::new("setup", output.resolved_at(Span::mixed_site()));
    let into_setup = quote_spanned!(output=> #runtime::__private::IntoSetup::into_setup(#setup));
    // A future that is not `Send` is reported here.
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

/// The scope of a call. A function of this name is another thing.
fn scope() -> Ident {
    Ident::new("scope", Span::mixed_site())
}

/// The call of the user's function, with `names` for what comes off the wire.
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

/// `impl GetModule`: what users call.
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
    let wrappers = wrappers::wrappers(model);
    quote! {
        #[automatically_derived]
        impl #identity {
            #[doc = #name_doc]
            #vis const NAME: &'static ::core::primitive::str =
                <Self as #runtime::RpcFunction>::NAME;
            /// What the function is for.
            #vis const KIND: #runtime::FunctionKind = <Self as #runtime::RpcFunction>::KIND;
            /// The function's definition, for a registry.
            #vis const fn definition() -> #runtime::FunctionDefinition {
                #runtime::FunctionDefinition::#constructor::<Self>(#runtime::functions::Place {
                    file: ::core::file!(),
                    line: ::core::line!(),
                    package: ::core::env!("CARGO_PKG_NAME"),
                })#dumped
            }
            #wrappers
        }
    }
}
