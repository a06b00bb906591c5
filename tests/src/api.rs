//! An API crate in one file: declarations that other crates implement, with the types they need.

use devtools_runtime::rpc_function;
use serde::{Deserialize, Serialize};

/// A module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// Its id.
    pub id: String,
    /// Whether its imports were followed.
    pub deep: bool,
}

/// No module has the id.
#[derive(Debug, Serialize, Deserialize)]
pub struct NotFound(pub String);

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no module is named {}", self.0)
    }
}

impl std::error::Error for NotFound {}

/// Looks a module up by its id.
#[rpc_function(name = "api:get-module", cacheable, title = "Get a module")]
pub async fn get_module(id: String, deep: Option<bool>) -> Result<Module, NotFound>;

/// Returns the title of the server.
#[rpc_function(name = "api:get-title", kind = "static")]
pub async fn get_title() -> String;

/// Somebody has looked.
#[rpc_function(name = "api:seen", kind = "event")]
pub async fn seen(id: String);
