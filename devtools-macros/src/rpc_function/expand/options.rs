//! The parts of the expansion that depend on options.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Ident;

use crate::rpc_function::choice::Safety;
use crate::rpc_function::expand::implements::{declared, span_of};
use crate::rpc_function::expand::spans::{first_and_last, scope, site};
use crate::rpc_function::model::{Contract, RpcFunction};

/// Writes the constant `OPTIONS`, if any option is set.
pub(super) fn options(model: &RpcFunction<'_>) -> Option<TokenStream> {
    let RpcFunction {
        runtime, options, ..
    } = model;
    let mut setters = Vec::new();
    if options.cacheable {
        setters.push(quote!(.cacheable()));
    }
    if options.snapshot.is_some() {
        setters.push(quote!(.snapshot()));
    }
    if let Some(title) = &options.title {
        setters.push(quote!(.title(#title)));
    }
    if let Some(agent) = &options.agent {
        let word = match agent.safety {
            Safety::Read => "Read",
            Safety::Action => "Action",
            Safety::Destructive => "Destructive",
        };
        let safety = Ident::new(word, Span::call_site());
        let title = agent
            .title
            .as_ref()
            .map(|title| quote!(.with_title(#title)));
        let tags = &agent.tags;
        let tags = (!tags.is_empty()).then(|| quote!(.with_tags(&[#(#tags),*])));
        let stream = agent
            .stream
            .as_ref()
            .map(|channel| quote!(.with_stream(#channel)));
        setters.push(quote! {
            .agent(#runtime::functions::AgentOptions::new(#runtime::functions::AgentSafety::#safety) #title #tags #stream)
        });
    }
    if let Some(ms) = options.timeout_ms {
        setters.push(quote!(.timeout(::core::time::Duration::from_millis(#ms))));
    }
    if options.public_errors {
        setters.push(quote!(.public_errors()));
    }
    if let Some(role) = &options.role {
        setters.push(quote!(.role(#role)));
    }
    if let Some(layer) = &options.layer {
        let span = span_of(layer);
        let boxed = quote_spanned! {span=> ::std::boxed::Box::pin(#layer(call, next)) };
        setters.push(quote! {
            .layer(#runtime::__private::StaticLayer::new(|call, next| #boxed))
        });
    }
    if let Some(deprecated) = &options.deprecated {
        let note = &deprecated.note;
        setters.push(quote!(.deprecated(#note)));
    }
    let base = match &model.contract {
        Contract::Own(_) if setters.is_empty() => return None,
        Contract::Own(_) => quote!(#runtime::functions::FunctionOptions::new()),
        Contract::Declared(declaration) => {
            let declared = declared(declaration, runtime);
            quote_spanned!(span_of(declaration)=> #declared::OPTIONS)
        }
    };
    Some(quote!(const OPTIONS: #runtime::functions::FunctionOptions = #base #(#setters)*;))
}

/// Asserts that a function with `snapshot` has no required parameter.
pub(super) fn snapshot(model: &RpcFunction<'_>) -> Option<TokenStream> {
    let runtime = &model.runtime;
    let required = model.wire_params().map(|(_, ty)| {
        let ty = ty.to_token_stream();
        let span = first_and_last(ty.clone()).0;
        quote_spanned! {span=>
            const _: () = ::core::assert!(
                #runtime::__private::Probe::<#ty>::IS_OPTION,
                "a `snapshot` calls the function without arguments: make this an `Option`, or say \
                 with which arguments it is called, `dump = ..`"
            );
        }
    });
    model
        .options
        .snapshot
        .is_some()
        .then(|| quote!(#(#required)*))
}

/// Writes the body of `run`: the call, or a future of it, wrapped as the options require.
///
/// An `async` block is a state machine of its own. So the future of an `async` function is used directly, unless it
/// has a timeout or needs references that must live as long as it runs.
pub(super) fn run(model: &RpcFunction<'_>, call: TokenStream) -> TokenStream {
    let RpcFunction {
        runtime, options, ..
    } = model;
    let is_async = model.sig.asyncness.is_some();
    let takes_references = model.injected().next().is_some();
    let scope = scope();
    // If the future is not `Send`, the error is reported at the function's name.
    let future = Ident::new("future", site(model).resolved_at(Span::mixed_site()));
    let wait = is_async.then(|| quote!(.await));
    let returned = quote!(::core::result::Result::Ok(#call #wait));
    if !(is_async || options.blocking) {
        return if takes_references {
            quote!(#runtime::__private::now(|| #returned))
        } else {
            quote!(#runtime::__private::Run::Done(#returned))
        };
    }
    if is_async && !takes_references {
        return quote! {
            let #future = #runtime::__private::boxed(#call);
            #runtime::__private::later(#future)
        };
    }
    let kept = takes_references.then(|| quote!(let #scope = ::core::clone::Clone::clone(#scope);));
    let run = if options.blocking {
        quote! {
            #runtime::__private::blocking(
                #runtime::__private::threads_of(&#scope),
                move || #returned,
            )
        }
    } else {
        quote!(async move { #returned })
    };
    quote! {
        #kept
        let #future = #runtime::__private::boxed(#run);
        #runtime::__private::guarded(#future)
    }
}

/// Writes `impl Dumped for GetModule`: the computation of its dump.
pub(super) fn dumped(model: &RpcFunction<'_>) -> Option<TokenStream> {
    let RpcFunction {
        identity, runtime, ..
    } = model;
    let path = model.options.dump.as_ref()?;
    let scope = scope();
    // If the result is not a dump, the error is reported at the path.
    let span = span_of(path);
    let dump = Ident::new("dump", span.resolved_at(Span::mixed_site()));
    let into_dump = quote_spanned! {span=>
        #runtime::__private::IntoDump::<Self::Args, __Written>::into_dump
    };
    Some(quote! {
        #[automatically_derived]
        impl #runtime::__private::Dumped for #identity {
            type Returned = __Returned;
            async fn dump(#scope: #runtime::__private::SharedScope) -> ::core::result::Result<
                #runtime::Dump<Self::Args, __Written>,
                #runtime::__private::BoxError,
            > {
                let #dump = #path(
                    #runtime::__private::inject::<#runtime::DevToolsContext>(&#scope)?
                );
                #into_dump(#dump).await
            }
        }
    })
}
