//! What the functions keep, one for each context.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::PluginState;

/// The plugin's own state: functions take it by reference.
#[derive(Debug, Default, PluginState)]
pub(crate) struct Store {
    pub(crate) count: AtomicI64,
    pub(crate) notifications: Mutex<Vec<String>>,
    pub(crate) cancelled: AtomicU64,
}
