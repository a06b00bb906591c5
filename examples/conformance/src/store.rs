//! What the functions keep, one for each context.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::{DevToolsContext, DevToolsPlugin, PluginState, SetupError};

use crate::streams::Streams;

/// The plugin's own state: functions take it by reference.
#[derive(Debug, Default, PluginState)]
pub(crate) struct Store {
    pub(crate) count: AtomicI64,
    pub(crate) notifications: Mutex<Vec<String>>,
    pub(crate) cancelled: AtomicU64,
}

/// Puts the [`Store`] in, and creates the channels.
pub(crate) struct Conformance;

impl DevToolsPlugin for Conformance {
    fn name(&self) -> &'static str {
        "conformance"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Store::default())?;
        ctx.insert_state(Streams::new(ctx)?)?;
        Ok(())
    }
}
