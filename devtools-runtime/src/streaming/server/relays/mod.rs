//! The streams of other processes that sessions of this one read.
//!
//! A relay is a stream of this process whose chunks come from another one, with their numbers there. A session that subscribes while
//! the other process is looked for, or before the relay has got to the chunks that the session has, waits in the relay. The relay is
//! removed when its last subscriber has left.
//!
//! Locks are taken in this order: the list of relays, the state of a relay, the state of its stream.

mod lookups;
mod relay;
mod returned;
mod state;

pub(super) use self::relay::Relays;
pub(crate) use self::relay::{OtherProcesses, Relayed};
pub(super) use self::returned::ReturnedReader;
