//! The purpose of a context: to serve panels, or to build a static dump.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The purpose of a context: to serve panels or to build a static dump.
///
/// ```
/// use devtools_runtime::{DevToolsContext, Mode, rpc_function};
///
/// #[rpc_function(name = "docs-of-mode:is-live", kind = "static")]
/// fn is_live(ctx: &DevToolsContext) -> bool {
///     ctx.mode() == Mode::Dev
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "typescript",
    schemars(description = "The purpose of a context: to serve panels or to build a static dump.")
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Serving live panels.
    #[default]
    Dev,
    /// Writing a static dump.
    Build,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dev => "dev",
            Self::Build => "build",
        })
    }
}
