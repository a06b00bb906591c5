//! The context is injected by reference.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:get-root")]
async fn get_root(ctx: DevToolsContext) -> String {
    ctx.cwd().display().to_string()
}

fn main() {
    drop(GetRoot::definition());
}
