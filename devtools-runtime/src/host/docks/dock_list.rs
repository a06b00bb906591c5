//! The registered entries, and the listeners for their activation.

use std::fmt;
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

impl fmt::Debug for DockList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.lock();
        f.debug_list()
            .entries(entries.iter().map(DockEntry::id))
            .finish()
    }
}
