//! States that are kept outside of the program, as settings are.

use crate::state::SharedState;
use crate::wire::js;

/// Where the states come from that are kept outside of the program.
pub(crate) trait Resolve: Send + Sync {
    /// Stores all that was changed. It may block.
    fn store(&self);

    /// Whether this key is kept, and for whom; `None` if it is a key like any other.
    fn kept(&self, key: &str) -> Option<KeptFor>;

    /// Reads what is kept under this key; `None` if it is a key like any other. It may block.
    fn resolve(&self, key: &str) -> Option<Stored>;

    /// Stores the value of a key, and stops keeping it, because its state is forgotten. It may block.
    fn release(&self, key: &str);
}

/// Whose a state is that is kept outside of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeptFor {
    /// The runtime's: there is always room for it.
    Own,
    /// One of many that clients name.
    Named,
}

/// A state that is kept outside of the program.
pub(crate) struct Stored {
    pub(crate) value: js::Value,
    /// Called with the state once it is there, to keep it from now on.
    pub(crate) keep: Box<dyn FnOnce(SharedState<js::Value>) + Send>,
}
