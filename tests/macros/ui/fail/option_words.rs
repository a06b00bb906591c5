//! Options whose value is a word, a path or a call in place of a string.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:save", kind = action, side = Client)]
async fn save() {}

#[rpc_function(name = "my-plugin:load", kind = FunctionKind::Query)]
async fn load() {}

#[rpc_function(name = concat!("my-plugin", ":all"), encoding = json)]
async fn all() {}

#[rpc_function(name = NAME)]
async fn named() {}

fn main() {
    drop(save());
    drop(load());
    drop(all());
    drop(named());
}
