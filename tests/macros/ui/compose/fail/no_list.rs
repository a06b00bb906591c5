//! A client that was given no list, and what is no client at all.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

async fn of_no_list(rpc: &DevToolsRpcClient) -> usize {
    let info = call!(rpc, "my-plugin:get-info").await.unwrap();
    info.len()
}

async fn of_no_client(ctx: &devtools_runtime::DevToolsContext) {
    let _ = call!(ctx, "my-plugin:get-info").await;
}

fn not_a_list(rpc: &DevToolsRpcClient) {
    rpc.with_functions::<String>();
    rpc.with_functions::<GetInfo>();
}

rpc_functions! {
    pub struct MyPluginFunctions {}
}

fn main() {}
