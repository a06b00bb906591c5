//! The store of states that outlive the program, such as settings.

use crate::state::shared_state::SharedState;
use crate::wire::js;

/// A store of states that outlive the program.
pub(crate) trait StateStore: Send + Sync {
    /// Stores all changes. May block.
    fn store(&self);

    /// Returns the owner of the stored state of this key. Returns `None` if the key is not stored.
    fn owner(&self, key: &str) -> Option<StoreOwner>;

    /// Reads the stored state of this key. Returns `None` if the key is not stored. May block.
    fn load(&self, key: &str) -> Option<StoredState>;

    /// Stores the value of a key, and stops watching its state, which is removed from memory. May block.
    fn release(&self, key: &str);
}

/// The owner of a stored state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreOwner {
    /// The runtime. No limit applies to its states.
    Runtime,
    /// A client, which has chosen the key. The number of such states is limited.
    Client,
}

/// A state that was loaded from a store.
pub(crate) struct StoredState {
    pub(crate) value: js::Value,
    /// Called with the state when it exists. Stores its changes from then on.
    pub(crate) watch: Box<dyn FnOnce(SharedState<js::Value>) + Send>,
}
