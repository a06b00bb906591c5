//! A setup runs once for all sessions, so that it belongs to none.

use devtools_runtime::{DevToolsContext, RpcSession, Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
async fn find(_ctx: &DevToolsContext, session: &RpcSession) -> Setup<fn(String) -> u64> {
    let id = session.id();
    Setup::handler(move |text: String| id + text.len() as u64)
}

fn main() {
    println!("{}", Find::NAME);
}
