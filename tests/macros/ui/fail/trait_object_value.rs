//! A trait object is no value that could be read from a request.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

trait Shape: Send {}

#[rpc_function(name = "my-plugin:draw")]
async fn draw(shape: Box<dyn Shape>) {
    drop(shape);
}

async fn show(rpc: &DevToolsRpcClient, shape: Box<dyn Shape>) {
    Draw::call(rpc, shape).await.unwrap();
}

fn main() {
    drop(Draw::definition());
}
