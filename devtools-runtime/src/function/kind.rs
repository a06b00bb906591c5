//! The kinds of functions, and the sides they run on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of a function, which decides how it is called, cached and dumped.
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
    /// Reads data. Clients may cache it if both sides agree, and it can be dumped for chosen arguments.
    Query,
    /// Returns constant data. It takes no arguments from a caller, clients cache it for ever, and it is always dumped.
    Static,
    /// Has a side effect. It is never cached and never dumped, and runs to its end even if the caller leaves.
    Action,
    /// A notification. It has no result, and its sender does not learn whether it failed.
    Event,
}

impl FunctionKind {
    /// The name of the kind on the wire and in the attribute.
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
///
/// ```
/// use devtools_runtime::{RpcFunction as _, Side, rpc_function};
///
/// /// A function of panels, which the server calls.
/// #[rpc_function(name = "docs-of-sides:highlight", side = "client")]
/// async fn highlight(selector: String) -> bool;
///
/// #[rpc_function(name = "docs-of-sides:get-selector")]
/// fn get_selector() -> String {
///     "#app".to_owned()
/// }
///
/// assert_eq!((Highlight::SIDE, GetSelector::SIDE), (Side::Client, Side::Server));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The program that serves functions.
    #[default]
    Server,
    /// A client: a panel in the browser, or another program. The server calls it.
    Client,
}
