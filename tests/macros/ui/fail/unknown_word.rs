//! A kind, a side and an encoding that there is not.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data", kind = "fetch")]
async fn get_data(id: String) -> String {
    id
}

#[rpc_function(name = "my-plugin:save", kind = "actoin")]
async fn save(id: String) {
    drop(id);
}

#[rpc_function(name = "my-plugin:refresh", side = "browser")]
async fn refresh() {}

#[rpc_function(name = "my-plugin:load", encoding = "structuredClone")]
async fn load() {}

fn main() {
    drop(get_data(String::new()));
    drop(save(String::new()));
    drop(refresh());
    drop(load());
}
