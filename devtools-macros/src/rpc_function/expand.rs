//! Model → tokens. The expansion names things and delegates; what they do is in the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, ReturnType, Type};

use crate::rpc_function::model::{Encoding, Kind, Param, RpcFunction, Side};

pub(super) fn expand(model: &RpcFunction<'_>) -> TokenStream {
    let RpcFunction { vis, identity, runtime, name, .. } = model;
    let cfgs: Vec<_> = model.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let docs = doc_attributes(model);
    let identity_impl = identity_impl(model, &cfgs);
    let implementation = model.has_body.then(|| implementation(model, &cfgs));
    let wrappers = wrappers(model);
    let constructor = if model.has_body { quote!(of) } else { quote!(declared) };
    let name_doc = format!("The name on the wire: `{}`.", name.value());
    quote! {
        #(#cfgs)*
        #(#docs)*
        #vis enum #identity {}

        #identity_impl
        #implementation

        #(#cfgs)*
        #[automatically_derived]
        #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
        impl #identity {
            #[doc = #name_doc]
            #vis const NAME: &'static ::core::primitive::str =
                <Self as #runtime::RpcFunction>::NAME;
            /// What the function is for.
            #vis const KIND: #runtime::FunctionKind = <Self as #runtime::RpcFunction>::KIND;

            /// The function's definition, for a registry.
            #vis const fn definition() -> #runtime::FunctionDefinition {
                #runtime::FunctionDefinition::#constructor::<Self>(#runtime::Place {
                    file: ::core::file!(),
                    line: ::core::line!(),
                    package: ::core::env!("CARGO_PKG_NAME"),
                })
            }

            #wrappers
        }

        #(#cfgs)*
        const _: () = {
            #runtime::__private::inventory::submit! {
                #runtime::__private::Registration::new(#identity::definition())
            }
        };
    }
}

/// The docs of the identity type: the function's own, after a line on what the type is.
fn doc_attributes<'a>(model: &'a RpcFunction<'_>) -> Vec<TokenStream> {
    let own = model.attrs.iter().filter(|attr| attr.path().is_ident("doc")).map(|doc| quote!(#doc));
    let note = format!(
        "Stands for the {} `{}`, to call it and to name it.",
        model.kind.word(),
        model.name.value()
    );
    own.chain([quote!(#[doc = ""]), quote!(#[doc = #note])]).collect()
}

/// The doc comment as one text.
fn description(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value()),
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// `impl RpcFunction for GetModule`.
fn identity_impl(model: &RpcFunction<'_>, cfgs: &[&Attribute]) -> TokenStream {
    let RpcFunction { identity, runtime, name, .. } = model;
    let kind = Ident::new(model.kind.variant(), Span::call_site());
    let side = (model.side == Side::Client)
        .then(|| quote!(const SIDE: #runtime::Side = #runtime::Side::Client;));
    let encoding = (model.encoding == Encoding::StructuredClone).then(|| {
        quote!(const ENCODING: #runtime::Encoding = #runtime::Encoding::StructuredClone;)
    });
    let description = Some(description(model.attrs)).filter(|text| !text.is_empty()).map(|text| {
        quote!(const DESCRIPTION: &'static ::core::primitive::str = #text;)
    });
    let parameters = model.wire_params().map(|(name, ty)| {
        let name = name.unraw().to_string();
        quote! {
            #runtime::Parameter::new(#name, {
                use #runtime::__private::ProbeFallback as _;
                #runtime::__private::Probe::<#ty>::IS_OPTION
            })
        }
    });
    let types = model.wire_params().map(|(_, ty)| ty);
    let args = quote_spanned!(model.sig.paren_token.span.join()=> (#(#types,)*));
    let returned = returned(model);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::RpcFunction for #identity {
            const NAME: &'static ::core::primitive::str = #name;
            const KIND: #runtime::FunctionKind = #runtime::FunctionKind::#kind;
            #side
            #encoding
            const PARAMETERS: &'static [#runtime::Parameter] = &[#(#parameters),*];
            #description
            type Args = #args;
            type Output = <#returned as #runtime::__private::Returned>::Output;
            type Error = <#returned as #runtime::__private::Returned>::Error;
        }
    }
}

/// The return type, with what tells a `Result` from anything else.
fn returned(model: &RpcFunction<'_>) -> TokenStream {
    let runtime = &model.runtime;
    let written = written(model);
    quote_spanned! {written.span()=>
        #runtime::__private::Returns<#written, {
            #[allow(unused_imports)]
            use #runtime::__private::ProbeFallback as _;
            #runtime::__private::Probe::<#written>::IS_RESULT
        }>
    }
}

fn written(model: &RpcFunction<'_>) -> TokenStream {
    match &model.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    }
}

/// `impl Implementation for GetModule`: how the function is called.
fn implementation(model: &RpcFunction<'_>, cfgs: &[&Attribute]) -> TokenStream {
    let RpcFunction { identity, runtime, .. } = model;
    let function = &model.sig.ident;
    let immediate = model.sig.asyncness.is_none();
    let injected = model.injected();
    let returned = returned(model);
    let written = written(model);
    let names: Vec<_> = (0..model.wire_params().count()).map(argument).collect();
    let mut next = names.iter();
    let passed = model.params.iter().map(|param| match param {
        Param::Injected(ty) => quote!(#runtime::__private::inject::<#ty>(&scope)?),
        Param::Wire { .. } => {
            let name = next.next();
            quote!(#name)
        }
    });
    let wait = model.sig.asyncness.map(|_| quote!(.await));
    // A future that is not `Send` is reported at the function, not at the attribute.
    let call = quote_spanned!(function.span()=> #function(#(#passed),*) #wait);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::Implementation for #identity {
            const IMMEDIATE: ::core::primitive::bool = #immediate;
            const INJECTED: &'static [#runtime::__private::Injection] =
                &[#(#runtime::__private::Injection::of::<#injected>()),*];
            type Returned = #returned;
            #[allow(unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
            async fn run(
                scope: #runtime::__private::SharedScope,
                (#(#names,)*): Self::Args,
            ) -> ::core::result::Result<#written, #runtime::MissingState> {
                ::core::result::Result::Ok(#call)
            }
        }
    }
}

/// The functions that call this one: from a client, from the server itself, or all clients at once.
fn wrappers(model: &RpcFunction<'_>) -> TokenStream {
    let mut wrappers = TokenStream::new();
    let mut add = |doc: &str, name: &str, receiver: TokenStream, output: TokenStream| {
        wrappers.extend(wrapper(model, doc, name, &receiver, &output));
    };
    let runtime = &model.runtime;
    let output = quote!(<Self as #runtime::RpcFunction>::Output);
    let error = quote!(#runtime::CallError<<Self as #runtime::RpcFunction>::Error>);
    let caller = quote!(&__Caller);
    let context = quote!(&#runtime::DevToolsContext);
    if model.kind == Kind::Event {
        let sent = quote!((), #runtime::NotifyError);
        add("Sends the event. Resolves once it is queued.", "notify", caller, sent);
        if model.side == Side::Client {
            let reached = quote!(::core::primitive::usize, #runtime::NotifyError);
            add(
                "Sends the event to every client. Resolves once it is queued, with the number of clients.",
                "broadcast",
                context.clone(),
                reached,
            );
        }
    } else {
        let answered = quote!(#output, #error);
        add("Calls the function and waits for its output.", "call", caller.clone(), answered);
        let perhaps = quote!(::core::option::Option<#output>, #error);
        add(
            "Calls the function if the other side has it: `None` if it has not.",
            "call_optional",
            caller,
            perhaps,
        );
    }
    if model.side == Side::Server && model.has_body {
        add(
            "Runs the function in this process, without serialization.",
            "invoke_local",
            context,
            quote!(#output, #error),
        );
    }
    wrappers
}

fn wrapper(
    model: &RpcFunction<'_>,
    doc: &str,
    name: &str,
    receiver: &TokenStream,
    output: &TokenStream,
) -> TokenStream {
    let RpcFunction { vis, runtime, .. } = model;
    let generic = matches!(name, "call" | "call_optional" | "notify").then(|| quote!(, __Caller));
    let bound = generic.is_some().then(|| quote!(<__Caller: #runtime::Caller>));
    let name = format_ident!("{name}");
    let through = Ident::new("through", Span::mixed_site());
    let parameters = model.wire_params().map(|(name, ty): (&Ident, &Type)| {
        quote!(#name: impl #runtime::__private::IntoArgument<#ty>)
    });
    let arguments = model.wire_params().map(|(name, ty)| {
        quote!(#runtime::__private::IntoArgument::<#ty>::into_argument(#name))
    });
    quote! {
        #[doc = #doc]
        #vis fn #name #bound(
            #through: #receiver #(, #parameters)*
        ) -> impl ::core::future::Future<Output = ::core::result::Result<#output>> + ::core::marker::Send {
            #runtime::__private::#name::<Self #generic>(#through, (#(#arguments,)*))
        }
    }
}

/// The name of a generated local. A user's parameter of the same name is another one.
fn argument(index: usize) -> Ident {
    Ident::new(&format!("arg{index}"), Span::mixed_site())
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Static => "static function",
            Self::Action => "action",
            Self::Event => "event",
        }
    }

    fn variant(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Static => "Static",
            Self::Action => "Action",
            Self::Event => "Event",
        }
    }
}
