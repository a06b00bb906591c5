//! Several programs behave as one: inside a process, over a real `nats-server`, and in several processes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod behaves;
mod clients;
mod killed;
mod processes;
mod server;
mod workers;
