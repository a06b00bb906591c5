//! A dump holds a query for chosen arguments, or for none.

use devtools_runtime::{DevToolsContext, Dump, rpc_function};

#[rpc_function(name = "my-plugin:list", snapshot, dump = dump_list)]
fn list(filter: Option<String>) -> Option<String> {
    filter
}

fn dump_list(_ctx: &DevToolsContext) -> Dump<(Option<String>,), Option<String>> {
    Dump::inputs([])
}

fn main() {
    list(None);
    let _ = dump_list;
}
