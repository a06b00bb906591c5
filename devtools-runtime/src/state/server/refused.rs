//! Why a change by a client is refused.

use crate::function::ArgumentError;
use crate::state::error::MutateError;
use crate::state::patch::PatchError;

/// Why a request of a client was refused. Clients get the text.
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
