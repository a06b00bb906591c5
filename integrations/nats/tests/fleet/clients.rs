//! Functions of clients, and clients that have them.

use devtools_runtime::backplane::Backplane;
use devtools_runtime::{DevTools, DevToolsRpcClient, rpc_function};
use tokio::sync::mpsc;

/// An event with its sender and a number.
#[rpc_function(name = "fleet:count", kind = "event", side = "client")]
pub(crate) async fn count(sender: String, number: u32);

/// Asks a client for its name.
#[rpc_function(name = "fleet:get-name", kind = "query", side = "client")]
pub(crate) async fn get_name() -> String;

/// Returns a program that is connected by `backplane`.
pub(crate) async fn program(backplane: impl Backplane) -> DevTools {
    let builder = DevTools::builder().without_collected().backplane(backplane);
    builder.build().await.unwrap()
}

/// Returns the events that a client receives from now on.
pub(crate) fn counts(client: &DevToolsRpcClient) -> mpsc::UnboundedReceiver<(String, u32)> {
    let (received, events) = mpsc::unbounded_channel();
    client.register::<Count>(move |sender: String, number: u32| {
        // A test may have ended.
        let _ = received.send((sender, number));
        async {}
    });
    events
}
