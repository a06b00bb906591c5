//! The client's half of shared state: copies of the server's values, which are synchronized across reconnects.

mod outbox;
mod replica;
mod slot;
mod states;
mod sync;

pub use self::states::ClientStates;
