//! Options whose value is missing, or not written as it must be.

use devtools_runtime::rpc_function;

#[rpc_function(name = my-plugin:get-data, kind = query)]
async fn get_data(id: String) -> String {
    id
}

#[rpc_function(name)]
async fn get_more(id: String) -> String {
    id
}

#[rpc_function(kind("action"), as = "Save")]
async fn save(id: String) {
    drop(id);
}

#[rpc_function("my-plugin:load")]
async fn load(id: String) -> String {
    id
}

#[rpc_function(name = "my-plugin:reload" kind = "action")]
async fn reload() {}

fn main() {
    drop(get_data(String::new()));
    drop(get_more(String::new()));
    drop(save(String::new()));
    drop(load(String::new()));
    drop(reload());
}
