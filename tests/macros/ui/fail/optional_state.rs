//! References are always there, so an `Option` of one is not injected.

use devtools_runtime::{DevToolsContext, PluginState, rpc_function};

#[derive(PluginState)]
struct Hits(u64);

#[rpc_function(name = "my-plugin:get-hits")]
fn get_hits(hits: Option<&Hits>) -> u64 {
    hits.map_or(0, |hits| hits.0)
}

#[rpc_function(name = "my-plugin:get-root")]
fn get_root(ctx: std::option::Option<&DevToolsContext>, deep: bool) -> bool {
    ctx.is_some_and(|ctx| ctx.cwd().is_dir()) && deep
}

#[rpc_function(name = "my-plugin:find")]
fn find(text: Option<&str>) -> usize {
    text.map_or(0, str::len)
}

fn main() {
    println!("{} {}", get_hits(None), get_root(None, true));
    println!("{}", find(None));
}
