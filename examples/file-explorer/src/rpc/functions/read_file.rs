use devtools_runtime::rpc_function;

use crate::explorer::{Explorer, ExplorerError, FileContent};

/// Reads a text file.
///
/// # Errors
///
/// As [`Explorer::read`].
#[rpc_function(kind = "query")]
pub async fn read_file(explorer: &Explorer, path: String) -> Result<FileContent, ExplorerError> {
    explorer.run(move |explorer| explorer.read(&path)).await
}
