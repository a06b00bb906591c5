//! A snapshot is of a call without arguments.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:list", snapshot)]
fn list(folder: String, filter: Option<String>) -> Vec<String> {
    [Some(folder), filter].into_iter().flatten().collect()
}

fn main() {
    list(String::new(), None);
}
