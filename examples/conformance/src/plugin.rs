//! The plugin: it adds the state and hosts the page.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64};

use devtools_runtime::{DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError};

use crate::store::{Counted, Shared, Store};
use crate::streams::Streams;

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><title>Conformance</title>",
)];

/// The whole program as a plugin.
pub(crate) struct Conformance;

impl DevToolsPlugin for Conformance {
    fn name(&self) -> &'static str {
        "conformance"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Store {
            count: AtomicI64::default(),
            notifications: Mutex::default(),
            cancelled: AtomicU64::default(),
            state: Shared::create(ctx, Counted::default())?,
        })?;
        ctx.insert_state(Streams::new(ctx)?)?;
        let entry = DockEntry::iframe("conformance", "Conformance", "/__conformance/");
        ctx.docks().register(entry.icon("ph:check-duotone"))?;
        ctx.views().host_static("/__conformance/", PANEL)?;
        Ok(())
    }
}
