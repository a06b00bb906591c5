//! The Vite process that a context can be attached to.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The resolved configuration of a Vite project. The fields are what plugins ask for; `other` has the rest.
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
    /// All other options, as Vite resolved them.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A running Vite server, implemented by the program that attaches it.
pub trait ViteServer: fmt::Debug + Send + Sync {
    /// Returns the ids of the modules in the server's module graph.
    fn module_ids(&self) -> Vec<String>;

    /// Returns the transformed code of a module. `None` if the graph has no such module, or the module was not transformed
    /// yet.
    fn transformed(&self, id: &str) -> Option<String>;

    /// Calls `listener` with the path of each file that changes from now on.
    fn on_change(&self, listener: Box<dyn Fn(&str) + Send + Sync>);
}
