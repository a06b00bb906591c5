//! The plugin: it puts the state, the panel and the dock entry into the program.

use devtools_runtime::{DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError};

use crate::state::Journal;

/// The path of the panel.
const PANEL_BASE: &str = "/__{{project-name}}/";

/// The files of the panel, which are part of the program.
const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", include_bytes!("../panel/index.html")),
    EmbeddedFile::new("app.js", include_bytes!("../panel/app.js")),
    EmbeddedFile::new("style.css", include_bytes!("../panel/style.css")),
];

/// The plugin of this tool.
pub struct ToolPlugin;

impl DevToolsPlugin for ToolPlugin {
    fn name(&self) -> &str {
        "{{project-name}}"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Journal::default())?;
        ctx.views().host_static(PANEL_BASE, PANEL)?;
        let dock = DockEntry::iframe("{{project-name}}", "{{project-name}}", PANEL_BASE);
        ctx.docks().register(dock.icon("ph:notebook"))?;
        Ok(())
    }
}
