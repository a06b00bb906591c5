use devtools_runtime::rpc_function;

use crate::error::ExplorerError;
use crate::explorer::{Explorer, FileEntry};

/// Writes a text file, whole.
///
/// # Errors
///
/// As [`Explorer::write`].
#[rpc_function(
    kind = "action",
    blocking,
    agent(safety = "destructive", title = "Write a file")
)]
pub fn write_file(
    explorer: &Explorer,
    path: String,
    content: String,
) -> Result<FileEntry, ExplorerError> {
    explorer.write(&path, &content)
}
