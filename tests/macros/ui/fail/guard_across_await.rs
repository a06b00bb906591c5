//! A lock that is held while the function waits keeps its future on one thread.

use std::sync::Mutex;

use devtools_runtime::{PluginState, rpc_function};

#[derive(PluginState)]
struct Hits(Mutex<u64>);

async fn pause() {}

#[rpc_function(name = "my-plugin:add-hit", kind = "action")]
async fn add_hit(hits: &Hits) -> u64 {
    let mut hits = hits.0.lock().unwrap();
    *hits += 1;
    pause().await;
    *hits
}

fn main() {
    drop(AddHit::definition());
}
