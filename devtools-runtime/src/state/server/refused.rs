//! The reasons for which a client's request is refused.

use crate::function::ArgumentError;
use crate::state::error::MutateError;
use crate::state::patch::PatchError;

/// The reason for which a client's request was refused. The client receives the text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefusedRequest {
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    #[error("the patches cannot be applied: {0}")]
    Patch(#[from] PatchError),
    #[error("the value that the patches make cannot be read: {0}")]
    Patched(String),
    #[error("the shared state would have {size} bytes, over the limit `state_bytes` of {limit}")]
    TooLarge { size: usize, limit: usize },
    #[error("clients already have {limit} shared states of this kind, which is the limit")]
    TooMany { limit: usize },
    #[error(
        "the session has already created or opened {limit} shared states, the limit `session_states`"
    )]
    TooManyOfSession { limit: usize },
    #[error("the shared state `{0}` is read-only for clients")]
    ReadOnly(String),
    #[error(
        "the session has already subscribed to {limit} shared states, the limit `state_subscriptions`"
    )]
    TooManySubscriptions { limit: usize },
    #[error("the {what} is longer than {limit} bytes")]
    TooLong { what: &'static str, limit: usize },
    #[error(transparent)]
    Mutate(#[from] MutateError),
}
