//! The metrics: the size of each module, and which of them have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The size of each transformed module. Clones share the same data.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    data: Mutex<Data>,
    some: Notify,
}

#[derive(Debug, Default)]
struct Data {
    sizes: BTreeMap<String, usize>,
    /// The files that the panels were not told of yet. Each is here once, so there are never more than files.
    changed: BTreeSet<String>,
}

impl Metrics {
    /// Stores the size of a module. A bundler calls it for each module that it transforms.
    pub fn transform(&self, id: &str, size: usize) {
        let mut data = self.data();
        if data.sizes.insert(id.to_owned(), size) != Some(size) {
            data.changed.insert(id.to_owned());
            self.0.some.notify_one();
        }
    }

    /// Notes that a file has changed on disk.
    pub fn change(&self, file: &str) {
        self.data().changed.insert(file.to_owned());
        self.0.some.notify_one();
    }

    /// Returns a copy of the current sizes.
    pub fn snapshot(&self) -> BTreeMap<String, usize> {
        self.data().sizes.clone()
    }

    /// Waits until something has changed, and returns the names of what has.
    pub(crate) async fn changed(&self) -> BTreeSet<String> {
        loop {
            let changed = std::mem::take(&mut self.data().changed);
            if !changed.is_empty() {
                return changed;
            }
            self.0.some.notified().await;
        }
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.0.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
