//! The wire carries no type parameters.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:echo")]
async fn echo<T: Send>(value: T) -> T {
    value
}

#[rpc_function(name = "my-plugin:chunk")]
async fn chunk<const N: usize>() -> Vec<u8> {
    vec![0; N]
}

#[rpc_function(name = "my-plugin:get-root")]
fn get_root<'c>(ctx: &'c DevToolsContext) -> String {
    ctx.cwd().display().to_string()
}

fn main() {
    drop(echo(1));
    drop(chunk::<3>());
}
