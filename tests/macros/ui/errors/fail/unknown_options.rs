//! Options that are misspelt, unknown, repeated or incomplete.
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[rpc_error(cod = "not-found")]
    #[error("not found")]
    NotFound,
    #[rpc_error(status = 404)]
    #[error("gone")]
    Gone,
    #[rpc_error(code)]
    #[error("busy")]
    Busy,
    #[rpc_error(code = locked)]
    #[error("locked")]
    Locked,
    #[rpc_error(code = "a", code = "b")]
    #[error("twice")]
    Twice,
    #[rpc_error(internal = true)]
    #[error("io")]
    Io,
    #[rpc_error]
    #[error("empty")]
    Empty,
}

fn main() {
    drop(ReadError::NotFound);
}
