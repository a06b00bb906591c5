//! Every part of a name is in kebab-case.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my_plugin:get_data")]
async fn get_data() {}

#[rpc_function(name = "my-plugin:files:getMore")]
async fn get_more() {}

#[rpc_function(name = "MyPlugin:GET-REST")]
async fn get_rest() {}

#[rpc_function(name = "my-plugin:-get--it-")]
async fn get_it() {}

fn main() {
    drop(get_data());
    drop(get_more());
    drop(get_rest());
    drop(get_it());
}
