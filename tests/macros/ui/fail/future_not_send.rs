//! The future of a function moves between threads.

use devtools_runtime::{DevToolsContext, rpc_function};

struct Local(*const u8);

async fn pause() {}

#[rpc_function(name = "my-plugin:count")]
async fn count(steps: u64) -> u64 {
    let local = Local(std::ptr::null());
    pause().await;
    drop(local);
    steps
}

async fn show(ctx: &DevToolsContext) {
    println!("{:?}", Count::invoke_local(ctx, 3).await.unwrap());
}

fn main() {
    drop(Count::definition());
}
