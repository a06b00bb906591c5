use devtools_runtime::rpc_function;

use crate::explorer::{Explorer, ExplorerError, FileEntry};

/// Lists the files of the folder and its subfolders, sorted by path. What git ignores is left out.
///
/// # Errors
///
/// As [`Explorer::list`].
#[rpc_function(kind = "query")]
pub async fn list_files(explorer: &Explorer) -> Result<Vec<FileEntry>, ExplorerError> {
    explorer.run(Explorer::list).await
}
