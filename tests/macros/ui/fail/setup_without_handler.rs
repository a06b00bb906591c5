//! A setup returns the handler of the calls.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:prepare", setup)]
async fn prepare() {}

#[rpc_function(name = "my-plugin:root", setup)]
async fn root() -> String {
    String::new()
}

fn main() {
    drop(prepare());
    drop(root());
}
