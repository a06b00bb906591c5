//! An option that there is not, and one that is misspelt.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data", retries = 3)]
async fn get_data(id: String) -> String {
    id
}

#[rpc_function(name = "my-plugin:save", knid = "action")]
async fn save(id: String) {
    drop(id);
}

fn main() {
    drop(get_data(String::new()));
    drop(save(String::new()));
}
