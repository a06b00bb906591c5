//! One function twice in one list: under one path, and under another.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:read-file")]
fn read_file(path: String) -> String {
    path
}

rpc_functions! {
    struct SamePath { ReadFile, ReadFile }
}

rpc_functions! {
    struct OtherPath { ReadFile, self::ReadFile }
}

async fn show(rpc: &DevToolsRpcClient<SamePath>) {
    let file = call!(rpc, "my-plugin:read-file", "a").await.unwrap();
    println!("{file}");
}

fn main() {}
