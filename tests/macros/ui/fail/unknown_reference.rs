//! A reference to something that the runtime does not know.

use devtools_runtime::{DevToolsContext, rpc_function};

struct Metrics {
    hits: u64,
}

#[rpc_function(name = "analytics:get-hits")]
async fn get_hits(metrics: &Metrics) -> u64 {
    metrics.hits
}

async fn show(ctx: &DevToolsContext) {
    println!("{}", GetHits::invoke_local(ctx).await.unwrap());
}

fn main() {
    drop(GetHits::definition());
}
