//! A name that none of several lists has.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

#[rpc_function(name = "other:get-data")]
fn get_data() -> u8 {
    1
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}
rpc_functions! {
    struct OtherFunctions { GetData }
}

async fn show(rpc: &DevToolsRpcClient<(MyPluginFunctions, OtherFunctions)>) {
    let data = call!(rpc, "my-plugin:get-data").await.unwrap();
    println!("{data}");
}

fn main() {}
