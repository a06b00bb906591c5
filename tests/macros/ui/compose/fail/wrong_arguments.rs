//! Arguments that do not fit the function of the name.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[derive(serde::Serialize, serde::Deserialize)]
struct Options {
    deep: bool,
}

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String, size: u64, options: Option<Options>) -> String {
    if options.is_some_and(|options| options.deep) {
        id
    } else {
        size.to_string()
    }
}

rpc_functions! {
    struct MyPluginFunctions { GetModule }
}

async fn wrong_type(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, "my-plugin:get-module", 5_u8, 1, None).await;
    let _ = call!(rpc, "my-plugin:get-module", "/", "1", None).await;
    let _ = call!(rpc, "my-plugin:get-module", "/", 1, Options { deep: true }).await;
}

async fn wrong_count(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, "my-plugin:get-module", "/", 1).await;
    let _ = call!(rpc, "my-plugin:get-module", "/", 1, None, true).await;
}

fn main() {}
