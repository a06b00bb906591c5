//! The program that every client of the protocol is tested with: one function for each feature that a client can use.
//! It is also a tour of the API.
//!
//! `cargo run -p conformance -- dev [--host HOST] [--port PORT] [--auth none|otp]` serves it, and
//! `cargo run -p conformance -- build --out DIR` writes its static dump. `cargo run -p conformance -- mcp` serves a coding agent.

mod calls;
mod clients;
mod errors;
mod latest;
mod modules;
mod plugin;
mod store;
mod streams;
mod types;

use std::process::ExitCode;

use devtools_mcp::{Mcp, cli};
use devtools_runtime::{Auth, DevTools};

use crate::plugin::Conformance;

#[tokio::main]
async fn main() -> ExitCode {
    // There is nothing to protect here, and tests of clients should not need to authenticate.
    let builder = DevTools::builder()
        .package(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .auth(Auth::None)
        // Nothing is secret here, and clients test the text of a panic.
        .reveal_errors(true)
        .plugin(Conformance);
    let mcp = Mcp::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .states(|key| key.starts_with("conformance:"));
    cli::run(builder, mcp).await
}
