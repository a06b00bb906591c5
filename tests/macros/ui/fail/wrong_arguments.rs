//! Calls whose arguments do not fit the function.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[derive(serde::Serialize, serde::Deserialize)]
struct Options {
    deep: bool,
}

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String, options: Option<Options>) -> String {
    if options.is_some_and(|options| options.deep) {
        id
    } else {
        String::new()
    }
}

async fn wrong_type(rpc: &DevToolsRpcClient) {
    let _ = GetModule::call(rpc, 5_u8, None).await;
    let _ = GetModule::call(rpc, "/", Options { deep: true }).await;
}

async fn wrong_count(rpc: &DevToolsRpcClient) {
    let _ = GetModule::call(rpc, "/").await;
    let _ = GetModule::call(rpc, "/", None, true).await;
}

fn main() {}
