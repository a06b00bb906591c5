//! Shared state between a server and its clients: the real JavaScript one, and those written in Rust.

mod access;
mod boards;
mod clients;
mod conflicts;
mod in_step;
mod javascript;
mod limits;
mod raw;
mod scripted;
mod typed;
