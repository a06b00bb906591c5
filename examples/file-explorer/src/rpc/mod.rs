//! The functions that the panel calls, and the event that it receives.

// Each function has a file of its own, and this module lists all of them.
mod functions;

use devtools_mcp::AgentCall;
use devtools_runtime::{rpc_function, rpc_functions};

pub use self::functions::{
    GetInfo, Info, ListFiles, ReadFile, WriteFile, get_info, list_files, read_file, write_file,
};

rpc_functions! {
    /// Everything the file explorer serves: for clients written in Rust, `call!(rpc, "file-explorer:list-files")`.
    pub struct FileExplorerFunctions { GetInfo, ListFiles, ReadFile, WriteFile }
}

/// Files of the folder changed on disk. The paths are those of `list-files`.
#[rpc_function(kind = "event", side = "client")]
pub async fn files_changed(paths: Vec<String>);

/// Asks the user of the panel whether an agent may call a function.
#[rpc_function(kind = "action", side = "client")]
pub async fn confirm_call(call: AgentCall) -> bool;
