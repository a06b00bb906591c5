//! A server to measure: the functions that a load generator calls, written as any program would write them.
//!
//! `cargo run --release -p bench-server -- [--port PORT]` serves them on 127.0.0.1, on one thread and without a
//! handshake.

mod events;
mod modules;
mod ping;
mod streams;

use std::error::Error;

use clap::Parser;
use devtools_runtime::{Auth, DevTools, Limits};

use crate::streams::Streams;

/// Serves functions to be measured, on 127.0.0.1.
#[derive(Debug, Parser)]
struct Options {
    /// The port; 0 picks a free one.
    #[arg(long, default_value_t = 7815)]
    port: u16,
    /// How many connections there may be at once.
    #[arg(long, default_value_t = 16_384)]
    sessions: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    // One thread: it can be pinned to one core, beside the load.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let limits = Limits {
        sessions: options.sessions,
        ..Limits::default()
    };
    let devtools = DevTools::builder()
        .auth(Auth::None)
        .limits(limits)
        .build()
        .await?;
    let ctx = devtools.context();
    ctx.insert_state(Streams::new(ctx)?)?;
    let server = devtools.bind(("127.0.0.1", options.port)).await?;
    #[expect(
        clippy::print_stdout,
        reason = "whoever started it waits for the address"
    )]
    {
        println!("bench-server: {}", server.url());
    }
    server.run().await;
    Ok(())
}
