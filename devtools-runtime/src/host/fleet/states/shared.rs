//! The keys whose states have changed and are not stored yet, and the values that arrive from other processes.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::host::backplane::{Backplane, Message, StoreReader};
use crate::host::context::{DevToolsContext, WeakContext};
use crate::host::fleet::request::STATES;
use crate::host::fleet::states::format;
use crate::mutex::Mutex;
use crate::state::StateLink;

/// The shared states of a process among those of the others. Clones share everything.
#[derive(Clone)]
pub(crate) struct FleetStates(Arc<StateExchange>);

struct StateExchange {
    context: WeakContext,
    backplane: Arc<dyn Backplane>,
    /// The keys to store.
    changed: Mutex<BTreeSet<Box<str>>>,
    added: Notify,
    /// Counts the values that arrive.
    arrived: watch::Sender<u64>,
}

crate::debug_impl! { FleetStates { .. } }

impl FleetStates {
    pub(crate) fn new(context: &DevToolsContext) -> Self {
        Self(Arc::new(StateExchange {
            context: context.downgrade(),
            backplane: Arc::clone(context.backplane()),
            changed: Mutex::default(),
            added: Notify::new(),
            arrived: watch::Sender::default(),
        }))
    }

    /// Takes the keys whose states are to be stored, except those in `busy`.
    pub(super) fn take(&self, busy: &BTreeSet<Box<str>>, most: usize) -> Vec<Box<str>> {
        let mut changed = self.0.changed.lock();
        let keys = changed.iter().filter(|key| !busy.contains(*key));
        let keys: Vec<_> = keys.take(most).cloned().collect();
        for key in &keys {
            changed.remove(key);
        }
        keys
    }

    /// Waits until a key is added.
    pub(super) async fn added(&self) {
        self.0.added.notified().await;
    }

    /// Reads the value of a key from the store, because no change of it has arrived. If there is no value, the key was
    /// removed, perhaps so long ago that the change does not arrive any more. But if the engine `was_full`, it may have
    /// lost the old value when it refused the new one, as NATS does. A missing value is then stored again.
    pub(super) async fn ask(&self, key: &str, was_full: bool) {
        let value = self.0.backplane.get(STATES, key).await;
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        match value {
            Ok(Some((value, revision))) => StoreReader::changed(self, key, Some(value), revision),
            Ok(None) if was_full => context.states().store_key_again(key),
            Ok(None) => context.states().take_lost_removal(key),
            Err(error) => tracing::debug!(
                key,
                error = &error as &dyn std::error::Error,
                "a shared state is not known now"
            ),
        }
    }

    pub(super) fn arrived(&self) -> watch::Receiver<u64> {
        self.0.arrived.subscribe()
    }
}

impl StateLink for FleetStates {
    fn is_alone(&self) -> bool {
        self.0.backplane.is_alone()
    }

    fn changed(&self, key: &str) {
        let mut changed = self.0.changed.lock();
        if !changed.contains(key) {
            changed.insert(key.into());
            drop(changed);
            self.0.added.notify_one();
        }
    }
}

impl StoreReader for FleetStates {
    fn changed(&self, key: &str, value: Option<Message>, revision: u64) {
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        let states = context.states();
        match value.as_ref().map(format::parse) {
            Some(Ok(value)) => {
                states.take_stored(self.0.backplane.process(), key, revision, &value);
            }
            Some(Err(error)) => tracing::warn!(
                key,
                error = &error as &dyn std::error::Error,
                "a shared state of another process is skipped"
            ),
            None => states.take_removal(key, revision),
        }
        self.0.arrived.send_modify(|count| *count += 1);
    }

    fn reset(&self) {
        if let Some(context) = self.0.context.upgrade() {
            context.states().store_again();
        }
    }
}
