//! A function that never waits cannot be stopped.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:scan", timeout = "5s")]
fn scan(folder: String) -> usize {
    folder.len()
}

fn main() {
    scan(String::new());
}
