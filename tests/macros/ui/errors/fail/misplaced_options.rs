//! Options where they cannot be, and two that contradict each other.
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(internal)]
enum ReadError {
    #[rpc_error(crate = devtools_runtime)]
    #[error("not found")]
    NotFound,
    #[rpc_error(internal, public)]
    #[error("busy")]
    Busy {
        #[rpc_error(internal)]
        by: String,
    },
}

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(code = "write-error")]
#[error("cannot write")]
enum WriteError {}

fn main() {
    drop(ReadError::NotFound);
    drop(None::<WriteError>);
}
