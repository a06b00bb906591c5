//! A reference inside of another type is not injected.

use devtools_runtime::{DevToolsContext, PluginState, rpc_function};

#[derive(PluginState)]
struct Hits(u64);

#[rpc_function(name = "my-plugin:get-hits")]
async fn get_hits(hits: Option<&Hits>) -> u64 {
    hits.map_or(0, |hits| hits.0)
}

#[rpc_function(name = "my-plugin:get-root")]
async fn get_root(scope: (&DevToolsContext, u8)) -> String {
    format!("{}{}", scope.0.cwd().display(), scope.1)
}

fn main() {
    drop(get_hits(None));
}
