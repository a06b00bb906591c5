//! Where states are stored that outlive the program, as settings do.

use crate::state::shared_state::SharedState;
use crate::wire::js;

/// A store of states that outlive the program.
pub(crate) trait StateStore: Send + Sync {
    /// Stores all changes. May block.
    fn store(&self);

    /// Returns whose the stored state of this key is. `None` if the state of this key is not stored.
    fn owner(&self, key: &str) -> Option<StoreOwner>;

    /// Reads the stored state of this key. `None` if the state of this key is not stored. May block.
    fn load(&self, key: &str) -> Option<StoredState>;

    /// Stores the value of a key, and stops watching its state, which is forgotten. May block.
    fn release(&self, key: &str);
}

/// The owner of a stored state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreOwner {
    /// The runtime. There is always room for its state.
    Runtime,
    /// A client, which has named the state. There may be many of these.
    Client,
}

/// A state that was loaded from a store.
pub(crate) struct StoredState {
    pub(crate) value: js::Value,
    /// Called with the state once it exists, to store its changes from then on.
    pub(crate) watch: Box<dyn FnOnce(SharedState<js::Value>) + Send>,
}
