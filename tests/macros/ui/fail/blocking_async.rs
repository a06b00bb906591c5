//! A function that waits does not block.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:scan", blocking)]
async fn scan(folder: String) -> usize {
    folder.len()
}

fn main() {
    drop(scan(String::new()));
}
