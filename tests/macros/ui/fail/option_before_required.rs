//! Only the last arguments can be left out, so an `Option` before a required parameter says too much.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find-files")]
async fn find_files(filter: Option<String>, limit: usize, deep: Option<bool>) -> usize {
    drop((filter, deep));
    limit
}

#[rpc_function(name = "my-plugin:log", kind = "event")]
fn log(
    scope: ::core::option::Option<String>,
    level: std::option::Option<u8>,
    line: String,
) {
    drop((scope, level, line));
}

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Setup<fn(Option<String>, limit: usize) -> usize> {
    Setup::handler(|_: Option<String>, limit: usize| limit)
}

#[rpc_function(name = "my-plugin:confirm", kind = "action", side = "client")]
async fn confirm(title: Option<String>, question: String) -> bool;

fn main() {
    drop(find_files(None, 1, None));
    log(None, None, String::new());
    drop(find());
}
