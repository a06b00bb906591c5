//! A name that is not written in the call.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}

async fn constant(rpc: &DevToolsRpcClient<MyPluginFunctions>) -> usize {
    let info = call!(rpc, GetInfo::NAME).await.unwrap();
    info.len()
}

async fn number(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, 5).await;
}

async fn bytes(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, b"my-plugin:get-info").await;
}

fn main() {}
