//! A call of a deprecated function gets a warning, and its definition does not.
#![deny(warnings)]

use devtools_runtime::{DevToolsContext, DevToolsRpcClient, rpc_channel, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-data")]
#[deprecated(note = "use `get_all`")]
pub fn get_data() -> u8 {
    1
}

#[rpc_channel(name = "my-plugin:words")]
#[deprecated(note = "use `Tokens`")]
pub struct Words(String);

rpc_functions! {
    /// All functions.
    pub struct All { GetData }
}

pub async fn show(rpc: &DevToolsRpcClient, ctx: &DevToolsContext) {
    let _ = GetData::call(rpc).await;
    let _ = GetData::invoke_local(ctx).await;
    let _ = Words::create(ctx);
}

fn main() {}
