//! A parameter whose type cannot travel.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

struct Options {
    deep: bool,
}

#[rpc_function(name = "my-plugin:list-files")]
async fn list_files(root: String, options: Options) -> Vec<String> {
    if options.deep { vec![root] } else { Vec::new() }
}

async fn list(rpc: &DevToolsRpcClient) {
    let files = ListFiles::call(rpc, "/", Options { deep: true }).await;
    println!("{:?}", files.unwrap_or_default());
}

fn main() {
    drop(ListFiles::definition());
}
