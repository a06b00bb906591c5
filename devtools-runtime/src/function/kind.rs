//! The kinds of functions, and the sides they run on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a function is for, which decides how it is called, cached and dumped.
///
/// TypeScript calls this a function's `type`.
///
/// ```
/// use devtools_runtime::{FunctionKind, rpc_function};
///
/// #[rpc_function(name = "docs-of-kinds:save", kind = "action")]
/// fn save(path: String) -> usize {
///     path.len()
/// }
///
/// assert_eq!(Save::KIND, FunctionKind::Action);
/// assert_eq!(Save::KIND.to_string(), "action");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FunctionKind {
    /// Reads data. May be cached where both sides agree, and dumped for chosen arguments.
    Query,
    /// Returns constant data: takes no arguments from the wire, is cached for good, always dumped.
    Static,
    /// Has a side effect. Never cached, never dumped, runs to its end even if the caller leaves.
    Action,
    /// A notification. Has no result, and nobody learns whether it failed.
    Event,
}

impl FunctionKind {
    /// The kind as the wire and the attribute spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Static => "static",
            Self::Action => "action",
            Self::Event => "event",
        }
    }
}

impl fmt::Display for FunctionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The side of a connection that a function runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The program that serves functions.
    #[default]
    Server,
    /// A client: a panel in the browser, or another program. The server calls it.
    Client,
}
