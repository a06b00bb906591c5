//! Calls of clients, and functions that are added at run time.

use devtools_runtime::context::RegisterError;
use devtools_runtime::state::MutateError;
use devtools_runtime::{DevToolsContext, NotifyError, define_rpc_function, rpc_function};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::Store;

// The guide's function takes one argument, an object.
#[derive(Debug, Serialize, Deserialize)]
struct Update {
    message: String,
}

/// Returns the client's answer to a message.
#[rpc_function(kind = "action", side = "client")]
async fn client_update(update: Update) -> Value;

/// A message to a client.
#[rpc_function(kind = "event", side = "client")]
async fn client_event(message: String);

/// Asks every client. The result is `null` for a client that does not answer.
#[rpc_function(kind = "action")]
async fn broadcast(ctx: &DevToolsContext, message: String) -> Vec<Value> {
    let replies = ClientUpdate::broadcast(ctx, Update { message }).await;
    replies
        .into_iter()
        .map(|reply| reply.result.unwrap_or(Value::Null))
        .collect()
}

/// Notifies every client. Returns their number.
#[rpc_function(kind = "action")]
async fn broadcast_event(ctx: &DevToolsContext, message: String) -> Result<usize, NotifyError> {
    ClientEvent::broadcast(ctx, message).await
}

/// Adds a function while the program is served.
#[rpc_function(kind = "action")]
fn register_late(ctx: &DevToolsContext) -> Result<(), RegisterError> {
    ctx.rpc().force(
        define_rpc_function("conformance:late")
            .query()
            .handler(|| "late".to_owned()),
    )
}

/// Changes what the program shares with its clients.
#[rpc_function(kind = "action")]
fn mutate_state(store: &Store, by: i64) -> Result<(), MutateError> {
    store.state.mutate(|state| {
        state.count += by;
        state.items.push(by);
    })
}
