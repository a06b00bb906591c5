//! State is injected by reference.

use std::sync::Arc;

use devtools_runtime::{PluginState, rpc_function};

#[derive(PluginState)]
struct Hits(u64);

#[rpc_function(name = "my-plugin:get-hits")]
async fn get_hits(hits: Arc<Hits>) -> u64 {
    hits.0
}

fn main() {
    drop(GetHits::definition());
}
