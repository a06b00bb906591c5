//! The registered entries, and the listeners for their activation.

use std::sync::MutexGuard;

use crate::host::docks::entry::DockEntry;
use crate::listeners::Listeners;
use crate::mutex::Mutex;
use crate::protocol::docks::DockActivation;

/// The registered entries, and the listeners for their activation.
#[derive(Default)]
pub(crate) struct DockList {
    /// The lock is held until the shared state has the change, so that clients receive changes in order.
    entries: Mutex<Vec<DockEntry>>,
    pub(super) activated: Listeners<DockActivation>,
}

impl DockList {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<DockEntry>> {
        self.entries.lock()
    }
}

crate::debug_impl! { DockList as it [it.lock().iter().map(DockEntry::id)] }
