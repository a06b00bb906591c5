//! The Vite process that a context belongs to, if it does.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a Vite project is configured as, as far as plugins ask for it. The rest is in `other`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::exhaustive_structs,
    reason = "made by whoever attaches Vite, with struct update syntax"
)]
pub struct ViteConfig {
    /// The root of the project.
    pub root: PathBuf,
    /// The public base path, such as `/`.
    pub base: String,
    /// The names of the plugins, in their order.
    pub plugins: Vec<String>,
    /// Everything else, as Vite resolved it.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A Vite server at work, as whoever attaches it makes it known.
pub trait ViteServer: fmt::Debug + Send + Sync {
    /// The ids of the modules in its graph.
    fn module_ids(&self) -> Vec<String>;

    /// The code that a module was transformed into. `None` if the graph has no such module, or it was not
    /// transformed yet.
    fn transformed(&self, id: &str) -> Option<String>;

    /// Calls `listener` with the path of each file that changes from now on.
    fn on_change(&self, listener: Box<dyn Fn(&str) + Send + Sync>);
}
