//! A name that two lists of a union have.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}
rpc_functions! {
    struct OtherFunctions { GetInfo }
}

async fn show(rpc: &DevToolsRpcClient<(MyPluginFunctions, OtherFunctions)>) {
    let info = call!(rpc, "my-plugin:get-info").await.unwrap();
    println!("{info}");
}

fn main() {}
