//! A path to the runtime that leads nowhere.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data", crate = toolkit)]
async fn get_data() {}

fn main() {
    drop(get_data());
}
