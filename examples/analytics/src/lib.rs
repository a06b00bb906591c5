//! The analytics plugin: the size of each module, live.
//!
//! It is the complete example of the guide to Vite's tools, in Rust. The guide's plugin stores its metrics in a map
//! that a `transform` hook fills, registers a function that reads the map, and notifies the panels when a file
//! changes. Here [`Metrics::transform`] is the hook, and [`watch`] the watcher.

mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use devtools_runtime::docks::{ActionDock, ClientScript};
use devtools_runtime::{
    DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, SetupError, define_rpc_function,
    rpc_function,
};

pub use self::watch::{Watching, watch};

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

/// The size in bytes of each transformed module. Clones share the same data.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<String, u64>>>);

impl Metrics {
    /// Measures a module. A bundler calls it for each module that it transforms.
    pub fn transform(&self, code: &str, id: &str) {
        let size = code.len() as u64;
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned(), size);
    }

    /// Returns a copy of the current metrics.
    pub fn snapshot(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

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
        // The function is defined where it is registered, and captures the plugin's own data.
        ctx.rpc().register(
            define_rpc_function("analytics:get-metrics")
                .query()
                .description("The size of each module, in bytes.")
                .handler(move || metrics.snapshot()),
        )?;
        ctx.views().host_static(PANEL_BASE, PANEL)?;
        let script = ClientScript::new(format!("{PANEL_BASE}vite-devtools-action.js"));
        let action = DockEntry::new("analytics:follow", "Follow files", ActionDock::new(script));
        ctx.docks().register(action.icon("ph:eye"))?;
        Ok(())
    }
}
