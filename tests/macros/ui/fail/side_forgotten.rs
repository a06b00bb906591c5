//! A declaration without `side = "client"` is one of the server.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:update", kind = "action")]
async fn update(text: String) -> bool;

#[rpc_function(name = "my-plugin:refresh", kind = "event")]
async fn refresh();

async fn show(ctx: &DevToolsContext) {
    let _ = Update::broadcast(ctx, "now").await;
    let _ = Refresh::broadcast(ctx).await;
}

fn main() {}
