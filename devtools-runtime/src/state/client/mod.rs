//! The client's half of shared state: copies of the server's values, which are synchronized across reconnects.

mod outbox;
mod refresh;
mod replica;
mod slot;
mod standing;
mod states;
mod sync;

pub use self::states::ClientStates;
