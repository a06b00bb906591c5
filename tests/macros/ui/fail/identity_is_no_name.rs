//! The identity of a function is a single identifier.

use devtools_runtime::rpc_function;

mod api {}

#[rpc_function(name = "my-plugin:save", as = api::Save)]
async fn save() {}

#[rpc_function(name = "my-plugin:load", as = crate::Load)]
async fn load() {}

#[rpc_function(name = "my-plugin:print", as = "struct")]
async fn print() {}

#[rpc_function(name = "my-plugin:show", as = struct)]
async fn show() {}

#[rpc_function(name = "my-plugin:hide", as = "hide-all")]
async fn hide() {}

fn main() {
    drop(show());
    drop(hide());
    drop(save());
    drop(load());
    drop(print());
}
