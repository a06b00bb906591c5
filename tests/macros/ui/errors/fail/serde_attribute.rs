//! Attributes of serde on a field, which the derive does not follow.
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("not found")]
    NotFound {
        #[serde(rename = "file")]
        path: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u32>,
    },
    #[serde(rename_all(serialize = "camelCase"))]
    #[error("too large")]
    TooLarge { max_size: u64 },
}

fn main() {
    drop(ReadError::TooLarge { max_size: 1 });
    drop(ReadError::NotFound { path: String::new(), line: None });
}
