//! Lists that are not declared as one is.

use devtools_runtime::{rpc_function, rpc_functions};

#[rpc_function(name = "my-plugin:get-info")]
fn get_info() -> String {
    String::new()
}

rpc_functions!(GetInfo);

rpc_functions! {
    pub enum Enum { GetInfo }
}

rpc_functions! {
    pub struct Generic<T> { GetInfo }
}

rpc_functions! {
    pub struct Field { get_info: GetInfo }
}

rpc_functions! {
    pub struct Attribute {
        /// Reads.
        GetInfo,
    }
}

rpc_functions! {
    pub struct One { GetInfo }
    pub struct Two { GetInfo }
}

rpc_functions! {
    pub struct Unit;
}

fn main() {}
