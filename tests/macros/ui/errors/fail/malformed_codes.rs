//! Codes that are not in kebab-case, or that no code can be made for.
#![allow(mixed_script_confusables, uncommon_codepoints)]
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[rpc_error(code = "NOT_FOUND")]
    #[error("not found")]
    NotFound,
    #[rpc_error(code = "")]
    #[error("busy")]
    Busy,
    #[rpc_error(code = "my-plugin:gone")]
    #[error("gone")]
    Gone,
    #[error("größe")]
    Ω,
}

fn main() {
    drop(ReadError::NotFound);
}
