use devtools_runtime::{DevToolsContext, Dump, rpc_function};

use crate::error::ExplorerError;
use crate::explorer::{Explorer, FileEntry};

/// Lists the files of the folder and its subfolders, sorted by path. What git ignores is left out.
///
/// # Errors
///
/// As [`Explorer::list`].
#[rpc_function(kind = "query", blocking, agent, dump = dump_list)]
pub fn list_files(explorer: &Explorer) -> Result<Vec<FileEntry>, ExplorerError> {
    explorer.list()
}

// The empty list of arguments is the only possible call.
fn dump_list(_: &DevToolsContext) -> Dump<(), Result<Vec<FileEntry>, ExplorerError>> {
    Dump::inputs([()])
}
