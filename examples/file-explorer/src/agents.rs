//! The file explorer for coding agents.

use devtools_mcp::Mcp;

use crate::rpc::ConfirmCall;

/// Creates the plugin that offers the functions to coding agents. The user of the panel confirms what an agent writes.
pub fn agents() -> Mcp {
    Mcp::new("file-explorer", env!("CARGO_PKG_VERSION"))
        .instructions("The tools work on the files of one folder. Paths are relative to it.")
        .confirmed_by::<ConfirmCall>()
}
