//! Each `:` of a name stands between two parts.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:")]
async fn get_data() {}

#[rpc_function(name = ":get-more")]
async fn get_more() {}

#[rpc_function(name = "my-plugin::get-rest")]
async fn get_rest() {}

#[rpc_function(name = ":")]
async fn nothing() {}

fn main() {
    drop(get_data());
    drop(get_more());
    drop(get_rest());
    drop(nothing());
}
