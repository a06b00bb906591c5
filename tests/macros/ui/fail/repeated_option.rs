//! An option is given once.

use devtools_runtime::rpc_function;

#[rpc_function(
    name = "my-plugin:get-data",
    kind = "query",
    name = "my-plugin:get-more"
)]
async fn get_data(id: String) -> String {
    id
}

fn main() {
    drop(get_data(String::new()));
}
