use devtools_runtime::{DevToolsContext, Mode, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The explored folder.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Info {
    /// The folder.
    pub root: String,
    /// The version of the file explorer.
    pub version: String,
    /// Whether the panel is live.
    pub mode: Mode,
}

/// Returns the explored folder.
#[rpc_function(kind = "static", agent)]
pub fn get_info(ctx: &DevToolsContext) -> Info {
    Info {
        root: ctx.cwd().display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: ctx.mode(),
    }
}
