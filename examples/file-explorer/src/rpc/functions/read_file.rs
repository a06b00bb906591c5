use devtools_runtime::{CallError, DevToolsContext, Dump, rpc_function};

use crate::error::ExplorerError;
use crate::explorer::{Explorer, FileContent};
use crate::rpc::ListFiles;

/// Reads a text file.
///
/// # Errors
///
/// As [`Explorer::read`].
#[rpc_function(kind = "query", blocking, agent, dump = dump_files)]
pub fn read_file(explorer: &Explorer, path: String) -> Result<FileContent, ExplorerError> {
    explorer.read(&path)
}

// The dump holds the files that `list-files` lists. It calls that function in this process, without a network.
async fn dump_files(
    ctx: &DevToolsContext,
) -> Result<Dump<(String,), Result<FileContent, ExplorerError>>, CallError<ExplorerError>> {
    let files = ListFiles::invoke_local(ctx).await?;
    Ok(Dump::inputs(files.into_iter().map(|file| (file.path,))))
}
