//! An agent knows of a function what its description says.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:read", agent(safety = "read"))]
async fn read(path: String) -> String {
    path
}

fn main() {
    drop(read(String::new()));
}
