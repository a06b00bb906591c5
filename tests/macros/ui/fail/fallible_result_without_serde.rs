//! A result whose type cannot travel, of a function that may fail.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[derive(Debug)]
struct Module {
    id: String,
}

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String) -> Result<Module, std::fmt::Error> {
    Ok(Module { id })
}

async fn show(rpc: &DevToolsRpcClient) {
    println!("{:?}", GetModule::call(rpc, "/").await.unwrap());
}

fn main() {
    drop(GetModule::definition());
}
