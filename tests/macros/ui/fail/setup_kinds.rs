//! The rules of the kinds hold for the handler.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:get-config", kind = "static", setup)]
fn get_config() -> Setup<fn(name: String) -> String> {
    Setup::handler(|name: String| name)
}

#[rpc_function(name = "my-plugin:log", kind = "event", setup)]
fn log() -> Setup<fn(String) -> usize> {
    Setup::handler(|line: String| line.len())
}

fn main() {
    let _ = (get_config(), log());
}
