//! A call returns what the function does.

use devtools_runtime::{CallError, DevToolsRpcClient, rpc_function};

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data() -> Result<u8, std::fmt::Error> {
    Ok(1)
}

async fn show(rpc: &DevToolsRpcClient) -> Result<String, CallError<std::fmt::Error>> {
    GetData::call(rpc).await
}

async fn fail(rpc: &DevToolsRpcClient) -> Result<u8, CallError<std::io::Error>> {
    GetData::call(rpc).await
}

fn main() {}
