//! The link between the shared states of this process and the other processes of the program.

use std::sync::Arc;

use tokio::sync::watch;

/// The link to the other processes.
pub(crate) trait StateLink: Send + Sync {
    /// Returns whether there is no other process.
    fn is_alone(&self) -> bool;

    /// Notes that the store does not have the current value of a state. This is called while the state is locked.
    fn changed(&self, key: &str);
}

/// A value of a state, as the processes store it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredValue {
    /// The value as structured-clone text.
    pub(crate) text: Arc<str>,
    pub(crate) facts: StoredFacts,
}

/// The facts about a stored value.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct StoredFacts {
    /// The processes whose changes the value contains, beginning with the one that stored it. Each comes with the
    /// number of its last attempt that the value contains.
    pub(crate) authors: Vec<(String, u64)>,
    /// The ids of the last changes by clients.
    pub(crate) ids: Vec<String>,
    /// Whether the value differs from the last one by changes that are sent as patches.
    pub(crate) is_patched: bool,
    /// Whether a client has created the state, and no program has opened it.
    pub(crate) by_client: bool,
    pub(crate) options: StoredOptions,
}

/// The options of a state that hold in all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct StoredOptions {
    pub(crate) patches: bool,
    pub(crate) read_only: bool,
}

/// A change of a key that the other processes do not know yet.
pub(crate) enum Unstored {
    /// The state was deleted. Its value has this revision.
    Removal { expected: u64 },
    /// The value has changed, or is new.
    Value {
        /// The revision of the value that is replaced. `None` if there is no value.
        expected: Option<u64>,
        /// The number of the attempt.
        number: u64,
        value: StoredValue,
    },
}

/// The changes of a state that are stored.
#[derive(Debug, Clone, Default)]
pub(super) struct StoredProgress {
    /// The number of changes that are stored.
    pub(super) stored: u64,
    /// The number of changes whose value was refused, and the reason.
    pub(super) refused: Option<(u64, Arc<str>)>,
}

/// A change that is not stored yet.
pub(crate) struct Storing {
    pub(super) change: u64,
    pub(super) progress: watch::Receiver<StoredProgress>,
}

impl Storing {
    /// Waits until the change is stored. Returns the reason if it was refused.
    pub(crate) async fn end(mut self) -> Result<(), Arc<str>> {
        let change = self.change;
        let is_over = |progress: &StoredProgress| {
            let refused = progress.refused.as_ref();
            progress.stored >= change || refused.is_some_and(|(until, _)| *until >= change)
        };
        match self.progress.wait_for(is_over).await {
            Ok(progress) if progress.stored >= change => Ok(()),
            Ok(progress) => Err(match &progress.refused {
                Some((_, reason)) => Arc::clone(reason),
                None => "the state was deleted".into(),
            }),
            Err(_) => Err("the state was deleted".into()),
        }
    }
}
