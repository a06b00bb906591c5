//! A result whose type cannot travel.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[derive(Debug)]
struct Module {
    id: String,
}

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String) -> Module {
    Module { id }
}

async fn show(rpc: &DevToolsRpcClient) {
    println!("{:?}", GetModule::call(rpc, "/").await.unwrap());
}

fn main() {
    drop(GetModule::definition());
}
