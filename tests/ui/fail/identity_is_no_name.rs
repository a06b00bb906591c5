//! What stands for a function is named by a single identifier.

use devtools_runtime::rpc_function;

mod api {}

#[rpc_function(name = "my-plugin:save", as = api::Save)]
async fn save() {}

#[rpc_function(name = "my-plugin:load", as = crate::Load)]
async fn load() {}

#[rpc_function(name = "my-plugin:print", as = "struct")]
async fn print() {}

fn main() {
    drop(save());
    drop(load());
    drop(print());
}
