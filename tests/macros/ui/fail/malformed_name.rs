//! A name is a scope and a function, both in kebab-case.

use devtools_runtime::rpc_function;

#[rpc_function(name = "get-data")]
async fn get_data(id: String) -> String {
    id
}

#[rpc_function(name = "myPlugin:getMore")]
async fn get_more(id: String) -> String {
    id
}

#[rpc_function(name = "")]
async fn nothing() {}

fn main() {
    drop(get_data(String::new()));
    drop(get_more(String::new()));
    drop(nothing());
}
