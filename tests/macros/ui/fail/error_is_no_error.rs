//! A function fails with an error.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[derive(Debug)]
struct NotFound;

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: String) -> Result<String, NotFound> {
    if id.is_empty() { Err(NotFound) } else { Ok(id) }
}

#[rpc_function(name = "my-plugin:remove-module", kind = "action")]
async fn remove_module(id: String) -> Result<(), usize> {
    Err(id.len())
}

async fn show(rpc: &DevToolsRpcClient) {
    println!("{:?}", GetModule::call(rpc, "/").await.unwrap());
    println!("{:?}", RemoveModule::call(rpc, "/").await.unwrap());
}

fn main() {
    drop(GetModule::definition());
}
