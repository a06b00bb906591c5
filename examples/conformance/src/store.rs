//! What the functions keep, one for each context.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::{PluginState, SharedState};
use serde::{Deserialize, Serialize};

/// The plugin's own state: functions take it by reference.
#[derive(Debug, PluginState)]
pub(crate) struct Store {
    pub(crate) count: AtomicI64,
    pub(crate) notifications: Mutex<Vec<String>>,
    pub(crate) cancelled: AtomicU64,
    pub(crate) state: SharedState<Counted>,
}

/// What the program shares with its clients.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub(crate) count: i64,
    pub(crate) items: Vec<i64>,
}
