//! Calls run at the same time, so none has anything for itself.

use devtools_runtime::{PluginState, rpc_function};

#[derive(PluginState)]
struct Hits(u64);

#[rpc_function(name = "analytics:add-hit", kind = "action")]
fn add_hit(hits: &mut Hits) {
    hits.0 += 1;
}

fn main() {
    add_hit(&mut Hits(0));
}
