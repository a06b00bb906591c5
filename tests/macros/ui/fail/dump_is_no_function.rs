//! The option `dump` names a function of the context.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-name", dump = dump_names)]
fn get_name(id: String) -> String {
    id
}

fn dump_names() -> Vec<String> {
    Vec::new()
}

#[rpc_function(name = "my-plugin:get-kind", dump = ["a", "b"])]
fn get_kind(id: String) -> String {
    id
}

fn main() {
    get_name(String::new());
    get_kind(String::new());
}
