//! A list has an element that is not the type of a function.

use devtools_runtime::{rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions! {
    struct OtherType { String }
}

rpc_functions! {
    struct Missing { GetInf }
}

rpc_functions! {
    struct TheFunction { get_info }
}

fn main() {}
