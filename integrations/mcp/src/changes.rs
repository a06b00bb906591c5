//! Notifications of changed tools and resources.

use std::collections::BTreeSet;
use std::sync::Arc;

use devtools_runtime::state::SharedState;
use devtools_runtime::{DevToolsContext, DevToolsRpcClient, js};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rmcp::service::{Peer, RoleServer, SubscriptionSink};
use tokio::sync::watch;

use crate::plugin::Options;
use crate::resources::Source;

/// The receiver of notifications. A notification that it did not ask for is dropped.
pub(crate) trait Notified {
    /// Notifies the receiver that the list of tools has changed.
    async fn tools(&self);
    /// Notifies the receiver that the list of resources has changed.
    async fn resources(&self);
    /// Notifies the receiver that the content of a resource has changed.
    async fn updated(&self, uri: String);
}

/// The addresses of the resources that an agent has subscribed to.
pub(crate) type Watched = watch::Receiver<BTreeSet<String>>;

/// Notifies one agent until its session ends.
pub(crate) async fn notify(
    client: &DevToolsRpcClient,
    context: &DevToolsContext,
    options: &Options,
    mut watched: Watched,
    to: &impl Notified,
) {
    let mut functions = context.rpc().on_changed();
    let mut pages = context.agents().on_page_tools_changed();
    let mut keys = options.new_states.subscribe();
    let mut states = FuturesUnordered::new();
    let mut known = BTreeSet::new();
    watched.mark_changed();
    loop {
        tokio::select! {
            () = client.closed() => return,
            Some(()) = functions.next() => {
                to.tools().await;
                to.resources().await;
            }
            Ok(()) = pages.changed() => to.tools().await,
            Ok(()) = keys.changed() => to.resources().await,
            Ok(()) = watched.changed() => {
                let wanted = watched.borrow_and_update().clone();
                for uri in wanted.difference(&known) {
                    if let Some(Source::State(key)) = Source::find(uri, context, options)
                        && let Ok(state) = client.shared_state::<js::Value>(&key).await
                    {
                        let values = state.subscribe();
                        states.push(next(uri.clone(), Watch { _state: state, values }));
                    }
                }
                known = wanted;
            }
            Some((uri, watch)) = states.next() => {
                if let Some(watch) = watch.filter(|_| known.contains(&uri)) {
                    to.updated(uri.clone()).await;
                    states.push(next(uri, watch));
                }
            }
        }
    }
}

/// A shared state whose values are watched.
struct Watch {
    /// Keeps the state synchronized.
    _state: SharedState<js::Value>,
    values: watch::Receiver<Arc<js::Value>>,
}

/// Waits for another value of a state. Returns `None` once the state is gone.
async fn next(uri: String, mut watch: Watch) -> (String, Option<Watch>) {
    let changed = watch.values.changed().await;
    (uri, changed.is_ok().then_some(watch))
}

// A notification fails if the agent is gone, which ends its session, or if it did not ask for it.

impl Notified for SubscriptionSink {
    async fn tools(&self) {
        drop(self.notify_tool_list_changed().await);
    }

    async fn resources(&self) {
        drop(self.notify_resource_list_changed().await);
    }

    async fn updated(&self, uri: String) {
        drop(self.notify_resource_updated(uri).await);
    }
}

impl Notified for Peer<RoleServer> {
    async fn tools(&self) {
        drop(self.notify_tool_list_changed().await);
    }

    async fn resources(&self) {
        drop(self.notify_resource_list_changed().await);
    }

    async fn updated(&self, uri: String) {
        let updated = rmcp::model::ResourceUpdatedNotificationParam::new(uri);
        drop(self.notify_resource_updated(updated).await);
    }
}
