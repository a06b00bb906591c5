//! Two functions of one name in one list.

use devtools_runtime::{rpc_function, rpc_functions};

mod fs {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "my-plugin:read-file")]
    pub fn read_file(path: String) -> String {
        path
    }
}

#[rpc_function(name = "my-plugin:read-file")]
fn read(path: String) -> String {
    path
}

rpc_functions! {
    struct MyPluginFunctions { fs::ReadFile, Read }
}

fn main() {}
