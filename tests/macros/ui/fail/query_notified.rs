//! A query is called: nobody is just told it.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data() -> u8 {
    1
}

async fn show(rpc: &DevToolsRpcClient) {
    let _ = GetData::notify(rpc).await;
}

fn main() {}
