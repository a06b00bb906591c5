//! The attributes and derives of `devtools-runtime`. They are documented where that crate re-exports
//! them; use them from there.

mod choice;
mod declared;
mod deprecated;
mod diagnostics;
mod docs;
mod names;
mod option_value;
mod options;
mod plugin_state;
mod rpc_channel;
mod rpc_error;
mod rpc_function;
mod rpc_functions;
mod rpc_shared_state;

use proc_macro::TokenStream;

#[expect(
    missing_docs,
    reason = "documented on the re-export, where its links resolve"
)]
#[proc_macro_attribute]
pub fn rpc_function(args: TokenStream, item: TokenStream) -> TokenStream {
    rpc_function::attribute(args.into(), item.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the re-export, where its links resolve"
)]
#[proc_macro_attribute]
pub fn rpc_channel(args: TokenStream, item: TokenStream) -> TokenStream {
    rpc_channel::attribute(args.into(), item.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the re-export, where its links resolve"
)]
#[proc_macro_attribute]
pub fn rpc_shared_state(args: TokenStream, item: TokenStream) -> TokenStream {
    rpc_shared_state::attribute(args.into(), item.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the re-export, where its links resolve"
)]
#[proc_macro_derive(PluginState, attributes(devtools))]
pub fn plugin_state(item: TokenStream) -> TokenStream {
    plugin_state::derive(item.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the re-export, where its links resolve"
)]
#[proc_macro_derive(RpcError, attributes(rpc_error, serde))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    rpc_error::derive(item.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the macro of the runtime that calls it"
)]
#[proc_macro]
pub fn rpc_functions(input: TokenStream) -> TokenStream {
    rpc_functions::declare(input.into()).into()
}

#[expect(
    missing_docs,
    reason = "documented on the macro of the runtime that calls it"
)]
#[proc_macro]
pub fn call(input: TokenStream) -> TokenStream {
    rpc_functions::call(input.into()).into()
}
