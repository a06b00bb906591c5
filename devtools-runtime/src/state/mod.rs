//! Shared state: values that a server and its clients have in common ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
//!
//! [`server`] keeps the states of a context: each is a typed value and a topic, the sessions that have subscribed to it.
//! [`client`] keeps copies of the states that the program has opened, in step with the server over one connection after
//! the other. A [`SharedState`] is either of them, for the program.
//!
//! Values are compared, patched and merged as structured-clone text and [`js::Value`](crate::js::Value)s
//! ([`text`], [`patch`]), so that this is compiled once and not per type.

#[cfg(feature = "client")]
mod client;
mod declared;
mod error;
mod options;
mod patch;
mod server;
mod shared_state;
mod sync_ids;
mod text;

pub(crate) use self::options::OwnState;
pub(crate) use self::server::{Refused, StateStore, StoreOwner, StoredState};

#[cfg(feature = "client")]
pub use self::client::ClientStates;
#[cfg(feature = "typescript")]
pub use self::declared::DeclaredState;
pub use self::declared::{RpcSharedState, StateCarrier};
pub use self::error::{MutateError, SharedStateError};
pub use self::options::StateOptions;
pub use self::server::States;
pub use self::shared_state::{SharedState, SharedValue};
