//! The functions of these tests, for trusted clients and for all.

use devtools_runtime::{DevToolsContext, RpcSession, rpc_function};

/// Adds two numbers, for those who may.
#[rpc_function(name = "auth:add")]
pub(crate) fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Says what is known of who calls.
#[rpc_function(name = "anonymous:auth:whoami")]
fn whoami(session: &RpcSession) -> (bool, Option<String>, Option<String>) {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    (
        session.is_trusted(),
        owned(session.origin()),
        owned(session.user_agent()),
    )
}

/// Says what it is told.
#[rpc_function(name = "anonymous:auth:echo")]
fn echo(text: String) -> String {
    text
}

/// Something that only trusted clients are told.
#[rpc_function(name = "auth:secret", kind = "event", side = "client")]
pub(crate) async fn secret(text: String);

/// Something that a client is asked.
#[rpc_function(name = "auth:ask", side = "client")]
pub(crate) async fn ask() -> u8;

/// Tells everybody who may know. How many were told?
#[rpc_function(name = "anonymous:auth:tell", kind = "action")]
async fn tell(ctx: &DevToolsContext) -> usize {
    Secret::broadcast(ctx, "everybody").await.unwrap_or(99)
}
