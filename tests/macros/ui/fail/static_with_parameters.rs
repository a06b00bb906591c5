//! A static function takes nothing from the wire: its result is constant.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:get-config", kind = "static")]
async fn get_config(_ctx: &DevToolsContext, environment: String) -> String {
    environment
}

fn main() {
    drop(GetConfig::NAME);
}
