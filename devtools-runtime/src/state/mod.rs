#![doc = include_str!("../docs/modules/state.md")]

// Shared state: values that a server and its clients share ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
//
// [`server`] holds the states of a context: each is a typed value and a topic, which lists the subscribed sessions.
// [`client`] holds copies of the states that the program has opened, and synchronizes them across reconnects.
// [`SharedState`] is the handle of either for the program.
//
// Values are compared, patched and merged as structured-clone text and [`js::Value`](crate::js::Value)s ([`text`],
// [`patch`]), so that this code is compiled once and not for each type.

#[cfg(feature = "client")]
pub(crate) mod client;
pub(crate) mod declared;
mod error;
mod options;
pub(crate) mod patch;
pub(crate) mod server;
mod shared_state;
mod sync_ids;
pub(crate) mod text;

#[cfg(feature = "client")]
pub(crate) use self::client::ClientStates;
#[cfg(feature = "typescript")]
pub(crate) use self::declared::DeclaredState;
#[cfg(feature = "client")]
pub(crate) use self::declared::StateCarrier;
pub(crate) use self::options::OwnState;
pub(crate) use self::server::{
    RefusedRequest, StateLink, StateStore, States, StoreOwner, StoredState, StoredValue, Storing,
    Unstored,
};
#[cfg(feature = "inspector")]
pub(crate) use self::server::{StateChange, StateHistory};

pub use self::declared::RpcSharedState;
pub use self::error::{MutateError, SharedStateError, SyncError};
pub use self::options::StateOptions;
pub use self::shared_state::{SharedState, SharedValue};
