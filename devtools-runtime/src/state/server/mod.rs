//! The server's half of shared state: typed values, their subscribers, and the requests of clients.

mod client_changes;
mod entries;
#[cfg(feature = "inspector")]
mod history;
mod refused;
mod requests;
mod state;
mod states;
mod store;
mod topic;

#[cfg(feature = "inspector")]
pub(crate) use self::history::{StateChange, StateHistory};
pub(crate) use self::refused::RefusedRequest;
pub(crate) use self::store::{StateStore, StoreOwner, StoredState};

pub use self::states::States;
