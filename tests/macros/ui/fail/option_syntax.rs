//! Options that are not written as `name = value`.

use devtools_runtime::rpc_function;

#[rpc_function(name: "my-plugin:save")]
async fn save() {}

#[rpc_function(name = "my-plugin:load"; kind = "query")]
async fn load() {}

#[rpc_function(name == "my-plugin:all")]
async fn all() {}

fn main() {
    drop(save());
    drop(load());
    drop(all());
}
