//! A function of the server is not broadcast, and one of clients does not run here.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data() -> u8 {
    1
}

#[rpc_function(name = "my-plugin:update", side = "client")]
async fn update(text: String) -> bool;

async fn show(ctx: &DevToolsContext) {
    let _ = GetData::broadcast(ctx).await;
    let _ = Update::invoke_local(ctx, "now").await;
}

fn main() {}
