//! A list of another crate, alone and beside one of this program.

use devtools_runtime::client::ConnectError;
use devtools_runtime::{CallError, DevToolsRpcClient, call, rpc_function, rpc_functions};
use file_explorer::{FileExplorerFunctions, ReadFile};

#[rpc_function(name = "library:own")]
fn own() -> u8 {
    1
}

rpc_functions! {
    /// Those of another crate by path, and one of its own.
    struct Picked { Own, ReadFile, file_explorer::GetInfo }
}

type Both = (FileExplorerFunctions, (OwnFunctions,));
rpc_functions! { struct OwnFunctions { self::Own } }

async fn picked(url: &str) -> Result<DevToolsRpcClient<Picked>, ConnectError> {
    DevToolsRpcClient::<Picked>::connect(url).await
}

async fn read(rpc: &DevToolsRpcClient<Both>) -> Result<usize, CallError> {
    let _ = call!(rpc, "library:own").await?;
    drop(call!(
        rpc.with_functions::<Picked>(),
        "file-explorer:get-info"
    ));
    let files = call!(rpc, "file-explorer:list-files").await;
    Ok(files.map_or(0, |files| files.len()))
}

#[test]
fn lists_of_two_crates_are_one_list() {
    drop(picked(""));
    let _ = read;
}
