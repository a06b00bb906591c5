//! The inputs of a dump are tuples of arguments.

use devtools_runtime::{DevToolsContext, Dump, rpc_function};

#[rpc_function(name = "my-plugin:get-size", dump = dump_sizes)]
fn get_size(id: String) -> usize {
    id.len()
}

fn dump_sizes(_ctx: &DevToolsContext) -> Dump<(String,), usize> {
    Dump::inputs(["a".to_owned()])
}

fn main() {
    get_size(String::new());
}
