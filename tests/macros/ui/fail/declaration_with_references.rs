//! A declaration of a client's function says what travels; references do not.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:client-update", kind = "action", side = "client")]
async fn client_update(ctx: &devtools_runtime::DevToolsContext, update: String) -> bool;

fn main() {
    println!("{}", ClientUpdate::NAME);
}
