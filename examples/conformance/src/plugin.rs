//! The plugin: it puts the state in, and hosts the page.

use devtools_runtime::{DevToolsContext, DevToolsPlugin, EmbeddedFile, SetupError};

use crate::store::Store;
use crate::streams::Streams;

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><title>Conformance</title>",
)];

/// The whole of the program, as a plugin.
pub(crate) struct Conformance;

impl DevToolsPlugin for Conformance {
    fn name(&self) -> &'static str {
        "conformance"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Store::default())?;
        ctx.insert_state(Streams::new(ctx)?)?;
        ctx.views().host_static("/__conformance/", PANEL)?;
        Ok(())
    }
}
