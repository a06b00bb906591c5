//! Options that are a word alone.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:list", cacheable = true)]
fn list() -> Vec<String> {
    Vec::new()
}

#[rpc_function(name = "my-plugin:scan", blocking("pool"), blocking)]
fn scan() -> usize {
    0
}

fn main() {
    list();
    scan();
}
