//! A list of names, where one of types is wanted.

use devtools_runtime::{rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    pub struct MyPluginFunctions { "my-plugin:get-info" }
}

fn main() {}
