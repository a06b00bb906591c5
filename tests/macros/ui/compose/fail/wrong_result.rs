//! A result that is taken for something else.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}

async fn show(rpc: &DevToolsRpcClient<MyPluginFunctions>) -> u64 {
    call!(rpc, "my-plugin:get-info").await.unwrap()
}

fn main() {}
