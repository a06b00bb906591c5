//! A call goes through a connection, and the context is none.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: u64) -> u64 {
    id
}

async fn show(ctx: &DevToolsContext) {
    let module = GetModule::call(ctx, 1).await;
    println!("{module:?}");
}

fn main() {}
