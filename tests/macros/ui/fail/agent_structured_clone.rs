//! Agents speak JSON.

use devtools_runtime::rpc_function;

/// Reads a file.
#[rpc_function(name = "my-plugin:read", agent, encoding = "structured-clone")]
async fn read(path: String) -> String {
    path
}

fn main() {
    drop(read(String::new()));
}
