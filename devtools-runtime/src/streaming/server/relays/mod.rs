//! The streams of other processes that sessions of this one read.
//!
//! A relay is a stream of this process whose chunks come from another process, with the numbers that they have there.
//! A session waits in the relay if it subscribes while the other process is looked for, or before the relay has
//! reached the chunks that the session has. The relay is removed when its last subscriber has left.
//!
//! Locks are taken in this order: the list of relays, the state of a relay, the state of its stream.

mod lookups;
mod relay;
mod returned;
mod state;

pub(super) use self::relay::Relays;
pub(crate) use self::relay::{OtherProcesses, Relayed};
pub(super) use self::returned::ReturnedReader;
