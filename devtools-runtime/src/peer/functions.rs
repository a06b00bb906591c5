//! The functions that a connection answers with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{FunctionDefinition, FunctionTable, SharedScope};

/// What a [`Driver`](super::Driver) dispatches to.
///
/// Each driver keeps a snapshot of the table, and looks whether there is a newer one with a single
/// atomic read: a call takes no lock.
pub(crate) struct Functions {
    table: Arc<FunctionTable>,
    updates: watch::Receiver<Arc<FunctionTable>>,
    scope: SharedScope,
}

impl Functions {
    pub(crate) fn new(
        mut updates: watch::Receiver<Arc<FunctionTable>>,
        scope: SharedScope,
    ) -> Self {
        let table = Arc::clone(&updates.borrow_and_update());
        Self {
            table,
            updates,
            scope,
        }
    }

    /// The function of this name, and what its calls are given by reference.
    ///
    /// Names are exact (`protocol.md` 1.4).
    pub(crate) fn find(&mut self, name: &str) -> Option<(&FunctionDefinition, &SharedScope)> {
        // An error means that the registry is gone: what it held last is still right.
        if self.updates.has_changed().unwrap_or(false) {
            self.table = Arc::clone(&self.updates.borrow_and_update());
        }
        self.table.get(name).map(|function| (function, &self.scope))
    }
}
