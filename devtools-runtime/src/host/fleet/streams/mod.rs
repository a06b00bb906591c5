//! Streams that are read in another process than the one that has them.
//!
//! Both sides are here: the [relays](relay) of the process that reads, and the [readers](readers) of the process that has the stream.
//! The reader asks for the chunks after the last one that it has, so an answer that is lost is asked for again.

mod readers;
mod relay;
mod request;
mod trouble;

pub(crate) use self::relay::StreamsElsewhere;

pub(super) use self::readers::answer;
pub(super) use self::request::StreamRequest;
