//! The key-value stores of the backplane inside one process.

use std::collections::HashMap;
use std::sync::Arc;

use crate::host::backplane::message::Message;
use crate::host::backplane::store::{Replaced, StoreReader};
use crate::mutex::Mutex;

/// The stores that all links of a bus share.
#[derive(Default)]
pub(super) struct BusStores {
    /// The lock is held while readers are told, so that they receive all changes in their order.
    stores: Mutex<HashMap<String, Store>>,
}

#[derive(Default)]
struct Store {
    values: HashMap<String, (u64, Message)>,
    last_revision: u64,
    readers: Vec<Arc<dyn StoreReader>>,
}

impl BusStores {
    pub(super) fn replace(
        &self,
        store: &str,
        key: &str,
        expected: Option<u64>,
        value: Option<Message>,
    ) -> Replaced {
        let mut stores = self.stores.lock();
        let store = stores.entry(store.to_owned()).or_default();
        if store.values.get(key).map(|(revision, _)| *revision) != expected {
            return Replaced::Conflict;
        }
        store.last_revision += 1;
        let revision = store.last_revision;
        match &value {
            Some(value) => {
                let value = (revision, value.clone());
                store.values.insert(key.to_owned(), value);
            }
            None => {
                store.values.remove(key);
            }
        }
        for reader in &store.readers {
            reader.changed(key, value.clone(), revision);
        }
        Replaced::Done(revision)
    }

    pub(super) fn get(&self, store: &str, key: &str) -> Option<(Message, u64)> {
        let stores = self.stores.lock();
        let (revision, value) = stores.get(store)?.values.get(key)?;
        Some((value.clone(), *revision))
    }

    pub(super) fn watch(&self, store: &str, reader: &Arc<dyn StoreReader>) {
        let mut stores = self.stores.lock();
        let store = stores.entry(store.to_owned()).or_default();
        for (key, (revision, value)) in &store.values {
            reader.changed(key, Some(value.clone()), *revision);
        }
        store.readers.push(Arc::clone(reader));
    }

    pub(super) fn unwatch(&self, store: &str, reader: &Arc<dyn StoreReader>) {
        if let Some(store) = self.stores.lock().get_mut(store) {
            store.readers.retain(|it| !Arc::ptr_eq(it, reader));
        }
    }
}
