//! Two mistakes in one attribute: both are reported, and the function still exists.

use devtools_runtime::rpc_function;

#[rpc_function(name = "get-data", kind = "fetch")]
async fn get_data(id: String) -> String {
    id
}

fn main() {
    drop(get_data(String::new()));
}
