//! The plugin: it adds the chat to the context, hosts the page, and adds it to the dock.

use devtools_runtime::{DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError};

use crate::chat::Chat;
use crate::options::ChatOptions;

/// The base of the page.
pub const PANEL_BASE: &str = "/__streaming-chat/";

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", include_bytes!("../panel/index.html")),
    EmbeddedFile::new("app.js", include_bytes!("../panel/app.js")),
    EmbeddedFile::new("style.css", include_bytes!("../panel/style.css")),
];

/// The chat, as a plugin.
#[derive(Debug, Default)]
pub struct StreamingChat {
    options: ChatOptions,
}

impl StreamingChat {
    /// Creates the plugin with these options.
    pub fn new(options: ChatOptions) -> Self {
        Self { options }
    }
}

impl DevToolsPlugin for StreamingChat {
    fn name(&self) -> &'static str {
        "streaming-chat"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Chat::new(ctx, self.options)?)?;
        ctx.views().host_static(PANEL_BASE, PANEL)?;
        let dock = DockEntry::iframe("streaming-chat", "Streaming Chat", PANEL_BASE);
        ctx.docks().register(dock.icon("ph:chat-circle-dots"))?;
        Ok(())
    }
}
