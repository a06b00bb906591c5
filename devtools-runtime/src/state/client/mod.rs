//! The client's half of shared state: copies of the server's values, kept in step over one connection after the other.

mod outbox;
mod replica;
mod slot;
mod states;
mod sync;

pub use self::states::ClientStates;
