//! The analytics plugin: the size of each module, live.
//!
//! It is the complete example of the guide to Vite's tools, in Rust. The guide's plugin stores its metrics in a map
//! that a `transform` hook fills, registers a function that reads the map, and notifies the panels when Vite's
//! watcher sees a change. Here [`Metrics`] is the map. In a Vite project, Vite fills it; without Vite, [`watch`] does.

mod metrics;
mod watch;

use devtools_runtime::docks::{ActionDock, ClientScript};
use devtools_runtime::vite::FileChange;
use devtools_runtime::{
    DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError, define_rpc_function,
    rpc_function,
};

pub use self::metrics::Metrics;
pub use self::watch::{Watching, measure, watch};

/// The base of the panel.
pub const PANEL_BASE: &str = "/__analytics/";

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("index.html", include_bytes!("../panel/index.html")),
    // By convention, a script that the interface runs has this name.
    EmbeddedFile::new(
        "vite-devtools-action.js",
        include_bytes!("../panel/vite-devtools-action.js"),
    ),
];

/// Notifies a panel that a file has changed.
#[rpc_function(kind = "event", side = "client")]
pub async fn metrics_updated(file: String);

/// The plugin.
#[derive(Debug, Default)]
pub struct Analytics {
    metrics: Metrics,
}

impl Analytics {
    /// Creates the plugin with metrics that the bundler fills.
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics }
    }
}

impl DevToolsPlugin for Analytics {
    fn name(&self) -> &'static str {
        "analytics"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let metrics = self.metrics.clone();
        ctx.vite()
            .on_transform(move |module| metrics.transform(&module.id, module.code_length));
        let metrics = self.metrics.clone();
        ctx.vite().on_file_event(move |file| {
            if file.event == FileChange::Change {
                metrics.change(&file.path.display().to_string());
            }
        });
        let metrics = self.metrics.clone();
        // The function is defined where it is registered, and captures the plugin's own data.
        ctx.rpc().register(
            define_rpc_function("analytics:get-metrics")
                .snapshot()
                .description("The size of each module.")
                .handler(move || metrics.snapshot()),
        )?;
        ctx.views().host_static(PANEL_BASE, PANEL)?;
        let dock = DockEntry::iframe("analytics", "Analytics", PANEL_BASE);
        ctx.docks().register(dock.icon("ph:chart-bar"))?;
        let script = ClientScript::new(format!("{PANEL_BASE}vite-devtools-action.js"));
        let action = DockEntry::new("analytics:follow", "Follow files", ActionDock::new(script));
        ctx.docks().register(action.icon("ph:eye"))?;
        Ok(())
    }
}
