//! The server's half of shared state: typed values, their subscribers, and the requests of clients.

mod client_changes;
mod entries;
mod refused;
mod requests;
mod state;
mod states;
mod store;
mod topic;

pub(crate) use self::refused::RefusedRequest;
pub(crate) use self::store::{StateStore, StoreOwner, StoredState};

pub use self::states::States;
