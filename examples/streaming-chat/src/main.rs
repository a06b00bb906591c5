//! A chat as a panel: an answer arrives token by token, in every open page, and can be stopped.
//!
//! `cargo run -p streaming-chat -- dev [--port PORT]` serves it,
//! `cargo run -p streaming-chat -- build --out DIR` writes it as a static dump, and
//! `cargo run -p streaming-chat -- types --out FILE` writes the types of the page's calls, streams and states.

use std::process::ExitCode;

use devtools_runtime::{DevTools, cli};
use streaming_chat::{ChatOptions, StreamingChat};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Without this setting, a closed standard error would cause a panic in the task that logs.
        .log_internal_errors(false)
        .init();
    let chat = StreamingChat::new(ChatOptions::new());
    let builder = DevTools::builder().package(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    cli::run(builder.plugin(chat)).await
}
