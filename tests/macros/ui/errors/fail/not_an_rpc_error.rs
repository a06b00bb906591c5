//! An error without codes where one with codes is asked for.
use devtools_runtime::{RemoteError, define_rpc_function};

#[derive(Debug, thiserror::Error)]
#[error("busy")]
struct Busy;

fn main() {
    let _ = define_rpc_function("my-plugin:wait")
        .try_handler(|| -> Result<(), RemoteError> { Err(Busy)? });
}
