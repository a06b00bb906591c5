//! Options that are nearly those that there are.

use devtools_runtime::rpc_function;

#[rpc_function(Name = "my-plugin:save", knd = "action")]
async fn save() {}

#[rpc_function(name = "my-plugin:load", sid = "server", encodng = "json")]
async fn load() {}

/// Lists what there is.
#[rpc_function(NAME = "my-plugin:list", Cachable, agent(Safty = "read"))]
async fn list() {}

fn main() {
    drop(list());
    drop(save());
    drop(load());
}
