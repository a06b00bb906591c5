#![doc = include_str!("../docs/modules/state.md")]

// Shared state: values that a server and its clients have in common ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
//
// Both halves are here. A server keeps the states of a context ([`States`]): each is a typed value
// ([`server`]) and a topic ([`topic`]), the sessions that want to hear of it. A client keeps those it has
// opened ([`client`]), in step with its server over one connection after the other. A [`SharedState`] is the
// handle of either.
//
// Values are compared, patched and merged as structured-clone text and [`js::Value`](crate::js::Value)s
// ([`text`], [`patch`]), so that this is compiled once and not per type.

#[cfg(feature = "client")]
pub(crate) mod client;
pub(crate) mod declared;
mod entries;
mod error;
mod handle;
mod kept;
mod options;
mod patch;
pub(crate) mod registry;
mod requests;
mod server;
mod sync_ids;
mod text;
mod topic;

#[cfg(feature = "client")]
pub(crate) use self::client::ClientStates;
#[cfg(feature = "typescript")]
pub(crate) use self::declared::DeclaredState;
#[cfg(feature = "client")]
pub(crate) use self::declared::StateCarrier;
pub(crate) use self::error::Refused;
pub(crate) use self::kept::{KeptFor, Resolve, Stored};
pub(crate) use self::options::OwnState;
pub(crate) use self::registry::States;

pub use self::declared::RpcSharedState;
pub use self::error::{MutateError, SharedStateError};
pub use self::handle::{SharedState, SharedValue};
pub use self::options::StateOptions;
