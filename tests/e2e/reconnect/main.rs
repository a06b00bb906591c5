//! A Rust client that is not trusted, that loses its connection, or that knows the answer already.

mod caching;
mod program;
mod relay;
mod returning;
mod silence;
mod sizes;
mod transports;
mod trust;
// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../../src/wait.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wait;
