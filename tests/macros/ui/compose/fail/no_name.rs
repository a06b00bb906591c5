//! Calls that lack their parts, or have too many.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}

async fn nothing() {
    let _ = call!().await;
}

async fn no_name(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc).await;
}

async fn nine(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, "my-plugin:get-info", 1, 2, 3, 4, 5, 6, 7, 8, 9).await;
}

fn main() {}
