//! The state of the functions, one for each context.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::state::SharedState;
use devtools_runtime::{PluginState, rpc_shared_state};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The plugin's own state, which functions take by reference.
#[derive(Debug, PluginState)]
pub(crate) struct Store {
    pub(crate) count: AtomicI64,
    pub(crate) notifications: Mutex<Vec<String>>,
    pub(crate) cancelled: AtomicU64,
    pub(crate) state: SharedState<Counted>,
}

/// The state that the program shares with its clients.
#[rpc_shared_state(name = "conformance:state")]
pub(crate) struct Shared(Counted);

/// A count, with a list of additions.
#[derive(Debug, Default, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Counted {
    pub(crate) count: i64,
    pub(crate) items: Vec<i64>,
}
