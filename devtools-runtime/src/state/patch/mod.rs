//! Changes of parts of a value: applying them, and finding them out ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
//!
//! Peers bring values and patches, so no function here takes more steps than a multiple of the size of both. The one
//! exception, an array whose elements are moved to make room, has a limit ([`Moves`]).

mod apply;
mod between;
mod compare;
#[cfg(feature = "client")]
mod merge;
mod tree;

pub(crate) use self::apply::{Moves, apply};
pub(crate) use self::between::between;
#[cfg(feature = "client")]
pub(crate) use self::compare::is_same;
#[cfg(feature = "client")]
pub(crate) use self::merge::merge;
use crate::wire::MAX_DEPTH;

/// How many patches one change may have.
const MAX_PATCHES: usize = 4096;

/// Why patches cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatchError {
    #[error("there are more than {MAX_PATCHES}")]
    TooMany,
    #[error("at {0}: there is nothing that has parts")]
    NoParts(String),
    #[error("at {0}: no such element")]
    NoElement(String),
    #[error("at {0}: this name is not allowed")]
    Forbidden(String),
    #[error("at {0}: a member of a set is added or removed, and not replaced")]
    InSet(String),
    #[error("the root can only be replaced")]
    Root,
    #[error("at {0}: the path has more than {MAX_DEPTH} steps")]
    TooDeep(String),
    #[error("they move more than {limit} elements of arrays, the limit `patch_moves`")]
    TooManyMoves { limit: usize },
}

/// Counts steps for the tests of this module, which compare them with the size of a value. Does nothing elsewhere.
#[inline]
#[cfg_attr(not(test), expect(unused_variables, reason = "only tests count"))]
fn count(steps: usize) {
    #[cfg(test)]
    tests::STEPS.with(|counted| counted.set(counted.get() + steps));
}

#[cfg(test)]
mod tests;
