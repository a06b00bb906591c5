//! The identity of a function is a type, and has no value.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data() -> u8 {
    1
}

async fn show(rpc: &DevToolsRpcClient) {
    let _ = GetData(rpc).await;
    let _ = GetData.call(rpc).await;
}

fn main() {}
