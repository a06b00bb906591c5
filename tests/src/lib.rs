//! What the end-to-end tests share: a server with functions of every kind, and how Node is run.

pub mod api;
pub mod codes;
pub mod fixture;
pub mod node;
