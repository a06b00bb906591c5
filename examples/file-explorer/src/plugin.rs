//! The plugin: it adds the folder to the context, hosts the panel, and adds it to the dock.

use devtools_runtime::{DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError};

use crate::explorer::Explorer;

/// The base of the panel.
pub const PANEL_BASE: &str = "/__file-explorer/";

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", include_bytes!("../panel/index.html")),
    EmbeddedFile::new("app.js", include_bytes!("../panel/app.js")),
    EmbeddedFile::new("style.css", include_bytes!("../panel/style.css")),
];

/// The file explorer, as a plugin.
#[derive(Debug)]
pub struct FileExplorer {
    explorer: Explorer,
}

impl FileExplorer {
    /// Creates the plugin for one folder.
    pub fn new(explorer: Explorer) -> Self {
        Self { explorer }
    }
}

impl DevToolsPlugin for FileExplorer {
    fn name(&self) -> &'static str {
        "file-explorer"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(self.explorer.clone())?;
        ctx.views().host_static(PANEL_BASE, PANEL)?;
        let dock = DockEntry::iframe("file-explorer", "File Explorer", PANEL_BASE);
        ctx.docks().register(dock.icon("ph:tree-view"))?;
        Ok(())
    }
}
