//! Calls by clients, by the program and for dumps, which all run in the same way, and the layers around them.

mod layers;
mod local;
mod log;
mod roles;
mod seen;
