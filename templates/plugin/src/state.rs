//! The state that the functions share. It knows nothing of calls.

use std::sync::{Mutex, MutexGuard, PoisonError};

use devtools_runtime::{PluginState, RpcError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The number of the entry, from 1.
    pub number: usize,
    /// The text.
    pub text: String,
}

/// The reason for which an entry was not added.
#[derive(Debug, PartialEq, thiserror::Error, RpcError)]
pub enum AddError {
    /// The text is empty.
    #[error("the entry is empty")]
    Empty,
}

/// The entries, oldest first.
#[derive(Default, PluginState)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
}

impl Journal {
    /// Returns all entries.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// Adds an entry.
    pub fn add(&self, text: &str) -> Result<Entry, AddError> {
        let text = text.trim().to_owned();
        if text.is_empty() {
            return Err(AddError::Empty);
        }
        let mut entries = self.lock();
        let number = entries.len() + 1;
        let entry = Entry { number, text };
        entries.push(entry.clone());
        Ok(entry)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{AddError, Journal};

    #[test]
    fn an_empty_entry_is_refused() {
        let journal = Journal::default();
        assert_eq!(journal.add("  "), Err(AddError::Empty));
        assert!(journal.entries().is_empty());
    }
}
