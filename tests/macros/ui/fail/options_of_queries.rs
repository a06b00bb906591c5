//! Only a query is cached and dumped by choice.

use devtools_runtime::{DevToolsContext, Dump, rpc_function};

#[rpc_function(name = "my-plugin:save", kind = "action", cacheable)]
fn save(id: String) -> String {
    id
}

#[rpc_function(name = "my-plugin:log", kind = "event", snapshot)]
fn log(_line: Option<String>) {}

#[rpc_function(name = "my-plugin:clear", kind = "action", dump = dump_clear)]
fn clear(_deep: bool) {}

fn dump_clear(_ctx: &DevToolsContext) -> Dump<(bool,), ()> {
    Dump::inputs([])
}

#[rpc_function(name = "my-plugin:version", kind = "static", snapshot, cacheable)]
fn version() -> u8 {
    1
}

fn main() {
    drop(save(String::new()));
    log(None);
    clear(true);
    version();
    let _ = dump_clear;
}
