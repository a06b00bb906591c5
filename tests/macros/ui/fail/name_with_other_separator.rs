//! Scope and function are joined by a colon, not by anything else.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin/get-data")]
async fn get_data() {}

#[rpc_function(name = "my-plugin.get-more")]
async fn get_more() {}

fn main() {
    drop(get_data());
    drop(get_more());
}
