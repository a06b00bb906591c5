//! Requests, over core NATS.
//!
//! The requests to one process that are ready at the same time travel in one message of NATS, and so do their
//! answers, because a message costs NATS and both connections more than the requests in it. If only few requests wait
//! for their answers, each is sent at once.

mod entry;
mod packs;
mod requester;
mod serve;

pub(crate) use self::requester::{Requester, Tasks};
pub(crate) use self::serve::serve;
