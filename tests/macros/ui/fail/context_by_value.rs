//! The context and the session are injected by reference.

use devtools_runtime::{DevToolsContext, Setup, rpc_function};

#[rpc_function(name = "my-plugin:get-root")]
async fn get_root(ctx: DevToolsContext) -> String {
    ctx.cwd().display().to_string()
}

#[rpc_function(name = "my-plugin:get-id")]
async fn get_id(session: devtools_runtime::RpcSession, scale: u64) -> u64 {
    session.id() * scale
}

#[rpc_function(name = "my-plugin:find", setup)]
fn find(ctx: DevToolsContext) -> Setup<fn() -> bool> {
    Setup::handler(move || ctx.cwd().is_dir())
}

fn main() {
    drop((get_root, get_id, find));
}
