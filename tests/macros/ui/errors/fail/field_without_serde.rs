//! Fields that are not serializable, in variants that callers may see.
use std::io;
use std::time::Instant;

use devtools_runtime::{RpcError, rpc_function};

#[derive(Debug)]
struct Handle;

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("expired")]
    Expired { at: Instant, path: String },
    #[error("locked")]
    Locked(Handle),
    #[rpc_error(public)]
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
}

#[rpc_function(name = "my-plugin:read")]
fn read() -> Result<(), ReadError> {
    Err(io::Error::other("no"))?
}

fn main() {
    drop(read());
    drop(ReadError::Locked(Handle));
    drop(ReadError::Expired { at: Instant::now(), path: String::new() });
}
