//! The type is no `std::error::Error`.
use devtools_runtime::{RpcError, rpc_function};

#[derive(Debug, RpcError)]
enum ReadError {
    NotFound { path: String },
    Busy,
}

#[rpc_function(name = "my-plugin:wait")]
fn wait() -> Result<(), WaitError> {
    Err(WaitError)
}

#[derive(Debug, thiserror::Error, RpcError)]
#[error("too late")]
struct WaitError;

fn main() {
    drop([ReadError::Busy, ReadError::NotFound { path: String::new() }]);
    drop(wait());
}
