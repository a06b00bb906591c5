//! Two variants of one code.
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("no file")]
    NotFound,
    #[rpc_error(code = "not-found")]
    #[error("no folder")]
    NoFolder,
    #[rpc_error(code = "busy")]
    #[error("locked")]
    Locked,
    #[error("busy")]
    Busy,
}

fn main() {
    drop(ReadError::NotFound);
}
