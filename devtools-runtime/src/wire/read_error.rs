//! The error of reading a frame.

use crate::wire::json::JsonError;
use crate::wire::structured_clone::DecodeError;

/// The reason why a frame was dropped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("not a JSON envelope: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Value(#[from] JsonError),
    #[error("not a structured-clone envelope: {0}")]
    Clone(#[from] DecodeError),
    #[error("an id that cannot be echoed: {0}")]
    Id(#[source] serde_json::Error),
    #[error("an id that is neither text nor a number")]
    IdType,
    #[error("an id that is not well-formed text, so that it cannot be echoed")]
    IdSurrogate,
}
