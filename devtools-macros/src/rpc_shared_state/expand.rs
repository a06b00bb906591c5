//! Expands the model to tokens. The expansion only names things and calls the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::declared::{doc, respanned};
use crate::deprecated::Deprecated;
use crate::rpc_shared_state::model::RpcSharedState;

pub(super) fn expand(model: &RpcSharedState<'_>) -> TokenStream {
    let RpcSharedState {
        runtime,
        vis,
        identity,
        name,
        value,
        patches,
        read_only,
        per_process,
        description,
        deprecated,
    } = model;
    let patches = patches.then(|| quote!(.patches()));
    let note = deprecated.as_ref().map(|deprecated| &deprecated.note);
    let allowed = Deprecated::allow(deprecated.as_ref());
    let read_only = read_only.then(|| quote!(.read_only()));
    let per_process = per_process.then(|| quote!(.per_process()));
    // An error about the value type is reported at the type.
    let site = value.span().resolved_at(Span::call_site());
    let runtime_at_value = respanned(runtime, site);
    let carrier_item = quote_spanned! {site=>
        type Carrier = #runtime_at_value::__private::PhantomData<#value>;
    };
    let on_name = doc("The key on the wire.");
    let on_options = doc("Returns the options that the state is created with.");
    let on_create = doc("Returns the state. Creates it with `initial` if it does not exist yet.");
    let on_create_with =
        doc("Returns the state. Creates it with other options if it does not exist yet.");
    let value = value.to_token_stream();
    let created = quote! {
        ::core::result::Result<#runtime::state::SharedState<#value>, #runtime::state::SharedStateError>
    };
    quote! {
        #[automatically_derived]
        #allowed
        impl #runtime::state::RpcSharedState for #identity {
            const NAME: &'static ::core::primitive::str = #name;
            type Value = #value;
            #carrier_item
            fn options() -> #runtime::state::StateOptions {
                #runtime::state::StateOptions::new()#patches #read_only #per_process
            }
        }

        #[automatically_derived]
        #[allow(dead_code, deprecated, reason = "a program may use some of these only")]
        impl #identity {
            #on_name
            #vis const NAME: &'static ::core::primitive::str = #name;

            #on_options
            #vis fn options() -> #runtime::state::StateOptions {
                <Self as #runtime::state::RpcSharedState>::options()
            }

            #on_create
            #vis fn create(context: &#runtime::DevToolsContext, initial: #value) -> #created {
                #runtime::__private::create_state::<Self>(context, initial, Self::options())
            }

            #on_create_with
            #vis fn create_with(
                context: &#runtime::DevToolsContext,
                initial: #value,
                options: #runtime::state::StateOptions,
            ) -> #created {
                #runtime::__private::create_state::<Self>(context, initial, options)
            }
        }

        #runtime::__private::state_of_client! { (#runtime) (#vis) #identity (#value) }
        #runtime::__private::described_value! { DeclaredState #identity (#value) #description #note }
    }
}
