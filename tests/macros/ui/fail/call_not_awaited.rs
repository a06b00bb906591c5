//! A call that is not awaited does nothing.

#![deny(unused_must_use)]

use devtools_runtime::{DevToolsContext, DevToolsRpcClient, rpc_function};

#[rpc_function(name = "my-plugin:save", kind = "action")]
async fn save() {}

#[rpc_function(name = "my-plugin:changed", kind = "event")]
async fn changed() {}

fn show(rpc: &DevToolsRpcClient, ctx: &DevToolsContext) {
    Save::call(rpc);
    Save::invoke_local(ctx);
    Changed::notify(rpc);
}

fn main() {}
