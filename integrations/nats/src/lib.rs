#![doc = include_str!("../README.md")]

mod backplane;
mod connection;
mod events;
mod follow;
mod format;
mod log;
mod members;
mod names;
mod options;
mod outbox;
mod requests;
mod room;
mod store;
mod sweep;
mod task;

pub use self::backplane::Nats;
pub use self::options::NatsOptions;
