//! A name that two of three lists have, one of them within a tuple.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

#[rpc_function(name = "my-plugin:get-info", as = Impostor)]
fn get_data(id: u8) -> u8 {
    id
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo }
}
rpc_functions! {
    struct OtherFunctions {}
}
rpc_functions! {
    struct ThirdFunctions { Impostor }
}

type All = ((MyPluginFunctions, OtherFunctions), ThirdFunctions);

async fn show(rpc: &DevToolsRpcClient<All>) {
    let data = call!(rpc, "my-plugin:get-info", 1).await.unwrap();
    println!("{data}");
}

fn main() {}
