//! The options `role` and `layer`: of another type, misspelt, given twice, and where they mean nothing.

use devtools_runtime::layers::{LayerCall, LayerResult, Next};
use devtools_runtime::{DevToolsContext, Dump, rpc_function};

async fn log_calls(call: LayerCall, next: Next) -> LayerResult {
    next.run(call).await
}

#[rpc_function(name = "my-plugin:reset", kind = "action", role = admin, layer = "log_calls")]
fn reset() {}

#[rpc_function(name = "my-plugin:restart", kind = "action", role = ["admin", "owner"], layer)]
fn restart() {}

#[rpc_function(name = "my-plugin:stop", kind = "action", rol = "admin", layers = log_calls)]
fn stop() {}

#[rpc_function(name = "my-plugin:start", kind = "action", role = "admin", role = "owner", layer = log_calls, layer = log_calls)]
fn start() {}

#[rpc_function(name = "my-plugin:save", kind = "action", role = " ")]
fn save() {}

#[rpc_function(name = "my-plugin:load", kind = "action", role = "admin", layer = log_calls)]
async fn load() -> bool;

#[rpc_function(name = "my-plugin:ask", kind = "action", side = "client", role = "admin", layer = log_calls)]
fn ask() {}

#[rpc_function(name = "my-plugin:get-config", kind = "static", role = "admin")]
fn get_config() -> u8 {
    1
}

#[rpc_function(name = "my-plugin:get-list", snapshot, role = "admin")]
fn get_list() -> u8 {
    1
}

#[rpc_function(name = "my-plugin:get-size", dump = dump_sizes, role = "admin")]
fn get_size(id: u8) -> u8 {
    id
}

fn dump_sizes(_: &DevToolsContext) -> Dump<(u8,), u8> {
    Dump::inputs([(1,)])
}

fn main() {
    reset();
    restart();
    stop();
    start();
    save();
    ask();
    println!("{} {} {}", get_config(), get_list(), get_size(1));
}
