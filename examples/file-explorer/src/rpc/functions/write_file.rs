use devtools_runtime::rpc_function;

use crate::explorer::{Explorer, ExplorerError, FileEntry};

/// Writes a text file, whole.
///
/// # Errors
///
/// As [`Explorer::write`].
#[rpc_function(kind = "action")]
pub async fn write_file(
    explorer: &Explorer,
    path: String,
    content: String,
) -> Result<FileEntry, ExplorerError> {
    explorer
        .run(move |explorer| explorer.write(&path, &content))
        .await
}
