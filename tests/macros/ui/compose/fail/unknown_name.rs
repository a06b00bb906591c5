//! A name that is in no list.

use devtools_runtime::{DevToolsRpcClient, call, rpc_function, rpc_functions};

mod fs {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "my-plugin:read-file")]
    pub fn read_file(path: String) -> String {
        path
    }
}

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct MyPluginFunctions { GetInfo, fs::ReadFile }
}

async fn misspelt(rpc: DevToolsRpcClient<MyPluginFunctions>) -> usize {
    let file = call!(rpc, "my-plugin:raed-file", "src/main.rs").await.unwrap();
    file.len()
}

async fn without_scope(rpc: &DevToolsRpcClient<MyPluginFunctions>) {
    let _ = call!(rpc, "readFile", "src/main.rs").await;
}

fn main() {}
