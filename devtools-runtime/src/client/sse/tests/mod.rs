//! The transport against the server of this crate, and against servers that keep to no protocol.

mod own_server;
mod responses;
mod scripted;
