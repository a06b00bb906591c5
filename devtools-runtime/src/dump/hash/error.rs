//! The error of arguments that have no hash.

use crate::wire::{MAX_DEPTH, ReadError};

/// The reason why arguments have no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    /// JavaScript throws a `TypeError` here, because it reads the constructor of an object.
    #[error("an object whose key `constructor` is {0} has no hash")]
    Constructor(&'static str),
    /// JavaScript throws an `Error` here, because it has no text for values of this class.
    #[error("an argument of the class `{0}` has no hash")]
    Class(&'static str),
    /// The arguments are nested deeper than the wire allows.
    #[error(
        "the arguments are nested deeper than {} levels (`Limits::DEPTH`)",
        MAX_DEPTH
    )]
    TooDeep,
    /// The payload is not an array.
    #[allow(dead_code, reason = "as `hash_payload`")]
    #[error("the arguments are not an array")]
    NotAnArray,
    /// The payload could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
