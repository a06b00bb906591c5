//! Expands the model to tokens. The expansion only names things and calls the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use crate::choice::Encoding;
use crate::declared::{doc, respanned};
use crate::deprecated::Deprecated;
use crate::rpc_channel::model::{Direction, RpcChannel};

pub(super) fn expand(model: &RpcChannel<'_>) -> TokenStream {
    let RpcChannel {
        runtime,
        vis,
        identity,
        name,
        chunk,
        replay,
        encoding,
        direction,
        description,
        deprecated,
    } = model;
    let replay = replay.as_ref().map(|replay| quote!(.replay(#replay)));
    let encoding = (*encoding == Encoding::StructuredClone)
        .then(|| quote!(.encoding(#runtime::Encoding::StructuredClone)));
    let direction = match direction {
        Direction::Streams => None,
        Direction::Uploads => Some("Uploads"),
        Direction::Both => Some("Both"),
    };
    let direction = direction.map(|direction| {
        let direction = Ident::new(direction, Span::call_site());
        quote!(.direction(#runtime::streaming::ChannelDirection::#direction))
    });
    let note = deprecated.as_ref().map(|deprecated| &deprecated.note);
    let allowed = Deprecated::allow(deprecated.as_ref());
    // An error about the chunk type is reported at the type.
    let site = chunk.span().resolved_at(Span::call_site());
    let runtime_at_chunk = respanned(runtime, site);
    let carrier_item = quote_spanned! {site=>
        type Carrier = #runtime_at_chunk::__private::PhantomData<#chunk>;
    };
    let on_name = doc("The name on the wire.");
    let on_options = doc("Returns the options that the channel is created with.");
    let on_create = doc("Creates the channel, once per context.");
    let on_create_with = doc("Creates the channel with other options.");
    let chunk = chunk.to_token_stream();
    quote! {
        #[automatically_derived]
        #allowed
        impl #runtime::streaming::RpcChannel for #identity {
            const NAME: &'static ::core::primitive::str = #name;
            type Chunk = #chunk;
            #carrier_item
            fn options() -> #runtime::streaming::ChannelOptions {
                #runtime::streaming::ChannelOptions::new()#replay #encoding #direction
            }
        }

        #[automatically_derived]
        #[allow(dead_code, deprecated, reason = "a program may use some of these only")]
        impl #identity {
            #on_name
            #vis const NAME: &'static ::core::primitive::str = #name;

            #on_options
            #vis fn options() -> #runtime::streaming::ChannelOptions {
                <Self as #runtime::streaming::RpcChannel>::options()
            }

            #on_create
            #vis fn create(
                context: &#runtime::DevToolsContext,
            ) -> ::core::result::Result<#runtime::streaming::Channel<#chunk>, #runtime::streaming::ChannelError> {
                #runtime::__private::create_channel::<Self>(context, Self::options())
            }

            #on_create_with
            #vis fn create_with(
                context: &#runtime::DevToolsContext,
                options: #runtime::streaming::ChannelOptions,
            ) -> ::core::result::Result<#runtime::streaming::Channel<#chunk>, #runtime::streaming::ChannelError> {
                #runtime::__private::create_channel::<Self>(context, options)
            }
        }

        #runtime::__private::channel_of_client! { (#runtime) (#vis) #identity (#chunk) }
        #runtime::__private::described_value! { DeclaredChannel #identity (#chunk) #description #note }
    }
}
