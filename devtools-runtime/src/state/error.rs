//! The errors of shared states.

use std::sync::Arc;

use crate::function::{BoxError, CallError};

/// Why a shared state was not changed. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MutateError {
    /// The value cannot be written: a map whose keys are no strings, for example.
    #[error("the shared state `{key}` could not be written")]
    Encode {
        /// The key of the state.
        key: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The value is larger than a frame may be: [`Limits::frame_bytes`](crate::Limits::frame_bytes).
    #[error("the shared state `{key}` would have {size} bytes, over the limit of {limit}")]
    TooLarge {
        /// The key of the state.
        key: String,
        /// The size of the value in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why a shared state could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SharedStateError {
    /// The state has another type: all handles of one key have the same.
    #[error("the shared state `{key}` is a `{is}`, and not a `{wanted}`")]
    OtherType {
        /// The key of the state.
        key: String,
        /// The type that it has.
        is: &'static str,
        /// The type that it was to have.
        wanted: &'static str,
    },
    /// The key is not `scope:state`, each part in kebab-case.
    #[error("`{0}` is no key for a shared state: write `scope:state`, both in kebab-case")]
    Key(String),
    /// The state belongs to the runtime, which has methods of its own to change it.
    #[error("the shared state `{key}` belongs to the runtime: use `{instead}`")]
    Own {
        /// The key of the state.
        key: String,
        /// The methods.
        instead: &'static str,
    },
    /// The initial value cannot be one of a shared state.
    #[error("the initial value cannot be shared")]
    Initial(#[from] MutateError),
    /// The server has no state of this key, and there is no initial value.
    #[error("there is no shared state `{0}`")]
    Missing(String),
    /// The server could not be asked, or what it has is of another type.
    #[error("the shared state `{key}` could not be read")]
    Call {
        /// The key of the state.
        key: String,
        /// Why.
        #[source]
        source: Arc<CallError>,
    },
}
