//! What the functions keep, one for each context.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::{
    DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, PluginState, SetupError, SharedState,
};
use serde::{Deserialize, Serialize};

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><title>Conformance</title>",
)];

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

/// Puts the [`Store`] in.
pub(crate) struct Conformance;

impl DevToolsPlugin for Conformance {
    fn name(&self) -> &'static str {
        "conformance"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.views().host_static("/__conformance/", PANEL)?;
        let entry = DockEntry::iframe("conformance", "Conformance", "/__conformance/");
        ctx.docks().register(entry.icon("ph:check-duotone"))?;
        ctx.insert_state(Store {
            count: AtomicI64::default(),
            notifications: Mutex::default(),
            cancelled: AtomicU64::default(),
            state: ctx
                .rpc()
                .shared_state("conformance:state", Counted::default())?,
        })?;
        Ok(())
    }
}
