//! Kinds that are nearly those that there are.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data", kind = "Query")]
async fn get_data() {}

#[rpc_function(name = "my-plugin:get-more", kind = "stattic")]
async fn get_more() {}

#[rpc_function(name = "my-plugin:refresh", kind = "events")]
async fn refresh() {}

#[rpc_function(name = "my-plugin:reload", kind = "ACTOIN", encoding = "structuredClone")]
async fn reload() {}

#[rpc_function(name = "my-plugin:save", kind = "")]
async fn save() {}

fn main() {
    drop(get_data());
    drop(get_more());
    drop(refresh());
    drop(reload());
    drop(save());
}
