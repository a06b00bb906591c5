//! The trust of clients: codes, tokens, and the functions that an untrusted client can reach.

mod access;
mod codes;
mod functions;
mod gated;
mod links;
mod logs;
mod tokens;
mod untrusted;
// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../../src/log.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod log;
#[path = "../../src/wait.rs"]
mod wait;
#[path = "../../src/wire.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wire;
