//! The state that each context keeps for a function that is set up.

use std::any::Any;
use std::sync::Arc;

use crate::function::dump_hook::Dumping;
use crate::function::inject::SharedScope;
use crate::function::reply::Call;
use crate::function::started::Started;

/// The state that a registry keeps for a function that is set up.
#[derive(Clone)]
pub(crate) struct PerContext {
    pub(crate) handler: Arc<dyn Fn(Call<'_>) -> Started + Send + Sync>,
    /// Holds the setup once it has run, for calls that know its type.
    pub(crate) slot: Arc<dyn Any + Send + Sync>,
    /// Computes the dump that the setup returned.
    pub(crate) dump: Arc<dyn Fn(SharedScope) -> Dumping + Send + Sync>,
}

/// Whether the function has the option `dump`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DumpOption {
    Given,
    None,
}

/// Makes the state for one context.
pub(crate) type MakePerContext = fn(DumpOption) -> PerContext;
