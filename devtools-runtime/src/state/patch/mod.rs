//! Patches, the changes of parts of a value: applying them, and finding them ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
//!
//! Peers send values and patches, so no function here takes more steps than a multiple of the size of both. The one
//! exception, an array whose elements are moved to make room, has a limit ([`Moves`]).

mod apply;
mod between;
mod compare;
mod error;
#[cfg(feature = "client")]
mod merge;
mod moves;
mod names;
mod steps;
mod tree;

pub(crate) use self::apply::apply;
pub(crate) use self::between::between;
#[cfg(feature = "client")]
pub(crate) use self::compare::is_same;
pub(crate) use self::error::PatchError;
#[cfg(feature = "client")]
pub(crate) use self::merge::merge;
pub(crate) use self::moves::Moves;
#[cfg(feature = "_fuzz")]
pub(crate) use self::steps::counted;

#[cfg(test)]
mod tests;
