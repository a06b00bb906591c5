//! Sides and encodings that are nearly those that there are.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:refresh", kind = "event", side = "cleint")]
async fn refresh();

#[rpc_function(name = "my-plugin:get-data", side = "Server", encoding = "JSON")]
async fn get_data() {}

fn main() {
    drop(get_data());
}
