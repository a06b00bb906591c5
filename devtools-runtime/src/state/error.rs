//! What can go wrong with shared state.

use std::sync::Arc;

use crate::function::{ArgumentError, BoxError, CallError};
use crate::state::patch::PatchError;

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

/// Why what a client wanted was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    #[error("the patches cannot be applied: {0}")]
    Patch(#[from] PatchError),
    #[error("the value that the patches make cannot be read: {0}")]
    Patched(String),
    #[error("a shared state may have {limit} bytes, and not {size}")]
    TooLarge { size: usize, limit: usize },
    #[error("clients may have {limit} shared states of this kind, and have")]
    TooMany { limit: usize },
    #[error("a session may make or fetch {limit} shared states, and has")]
    TooManyOfSession { limit: usize },
    #[error("the shared state `{0}` is read-only for clients")]
    ReadOnly(String),
    #[error("a session may subscribe to {limit} shared states, and has")]
    TooManySubscriptions { limit: usize },
    #[error("a {what} has {limit} bytes at most")]
    TooLong { what: &'static str, limit: usize },
    #[error(transparent)]
    Mutate(#[from] MutateError),
}
