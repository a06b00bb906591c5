//! The registered entries, and the listeners for their activation.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host::docks::entry::DockEntry;
use crate::protocol::docks::DockActivation;

/// The registered entries, and the listeners for their activation.
#[derive(Default)]
pub(crate) struct DockList {
    /// The lock is held until the shared state has the change, so that clients receive changes in order.
    entries: Mutex<Vec<DockEntry>>,
    activated: Mutex<Vec<Listener>>,
}

type Listener = Arc<dyn Fn(&DockActivation) + Send + Sync>;

impl DockList {
    /// Adds a listener for activations.
    pub(super) fn add_listener(&self, listener: impl Fn(&DockActivation) + Send + Sync + 'static) {
        let mut listeners = self
            .activated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
    }

    /// Calls the listeners. If one panics, the others are still called.
    pub(super) fn notify(&self, activation: &DockActivation) {
        let listeners = self
            .activated
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(activation))).is_err() {
                tracing::warn!("a listener for dock activations panicked");
            }
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<DockEntry>> {
        // A panic can only happen before the list is changed.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DockList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.lock();
        f.debug_list()
            .entries(entries.iter().map(DockEntry::id))
            .finish()
    }
}
