//! Events to all clients.

use devtools_runtime::{DevToolsContext, NotifyError, rpc_function};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Update {
    kind: String,
    seq: u32,
}

/// Something has changed.
#[rpc_function(name = "bench:event", kind = "event", side = "client")]
async fn event(update: Update);

/// Tells all clients `n` times, then answers.
#[rpc_function(name = "bench:fire", kind = "action")]
async fn fire(ctx: &DevToolsContext, n: u32) -> Result<u32, NotifyError> {
    for seq in 0..n {
        let kind = "update".to_owned();
        Event::broadcast(ctx, Update { kind, seq }).await?;
    }
    Ok(n)
}
