//! An event has no output, so it has nothing to be optional either.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:log", kind = "event")]
fn log(line: String) {
    println!("{line}");
}

rpc_functions! {
    struct MyPluginFunctions { Log }
}

async fn show(rpc: &DevToolsRpcClient<MyPluginFunctions>) -> usize {
    let line: String = call!(rpc, "my-plugin:log", "a").await.unwrap();
    line.len()
}

fn main() {}
