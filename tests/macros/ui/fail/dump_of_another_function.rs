//! A dump is typed by its function: the tuple of its parameters, and what it returns.

use devtools_runtime::{DevToolsContext, Dump, rpc_function};

#[rpc_function(name = "my-plugin:get-size", dump = dump_sizes)]
fn get_size(id: String) -> Option<usize> {
    Some(id.len())
}

fn dump_sizes(_ctx: &DevToolsContext) -> Dump<(u32,), Option<usize>> {
    Dump::inputs([(1,)])
}

#[rpc_function(name = "my-plugin:get-name", dump = dump_names)]
fn get_name(id: String) -> Option<String> {
    Some(id)
}

async fn dump_names(_ctx: &DevToolsContext) -> Dump<(String,), String> {
    Dump::inputs([]).fallback(String::new())
}

fn main() {
    get_size(String::new());
    get_name(String::new());
}
