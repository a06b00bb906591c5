//! A chat as a panel: an answer arrives token by token, in every page that is open, and can be stopped.
//!
//! `cargo run -p streaming-chat -- dev [--port PORT]` serves it, and
//! `cargo run -p streaming-chat -- build --out DIR` writes it as a static dump.

use std::process::ExitCode;

use devtools_runtime::{DevTools, cli};
use streaming_chat::{ChatOptions, StreamingChat};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let chat = StreamingChat::new(ChatOptions::new());
    cli::run(DevTools::builder().plugin(chat)).await
}
