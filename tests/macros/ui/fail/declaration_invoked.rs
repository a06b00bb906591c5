//! A declaration has no body that could run here.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String) -> Option<String>;

async fn show(ctx: &DevToolsContext) {
    let module = GetModule::invoke_local(ctx, "/").await;
    println!("{module:?}");
}

fn main() {}
