//! The server's half of shared state: typed values, their subscribers, and the requests of clients.

mod client_changes;
mod entries;
#[cfg(feature = "inspector")]
mod history;
mod link;
mod ordered;
mod refused;
mod requests;
mod shared_changes;
mod shared_keys;
mod state;
mod states;
mod store;
mod topic;

#[cfg(feature = "inspector")]
pub(crate) use self::history::{StateChange, StateHistory};
pub(crate) use self::link::{StateLink, StoredValue, Storing, Unstored};
pub(crate) use self::refused::RefusedRequest;
pub(crate) use self::store::{StateStore, StoreOwner, StoredState};

pub use self::states::States;
