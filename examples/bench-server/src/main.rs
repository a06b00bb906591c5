//! A server to be measured: the functions that a load generator calls, written as in any program.
//!
//! `cargo run --release -p bench-server -- [--port PORT]` serves them on 127.0.0.1, on one thread and without a
//! handshake.

mod events;
mod modules;
mod ping;
mod streams;
mod text;

use std::error::Error;

use clap::Parser;
use devtools_runtime::{Auth, DevTools, DevToolsContext, DevToolsPlugin, Limits, SetupError};

use crate::streams::Streams;

/// Serves functions to be measured, on 127.0.0.1.
#[derive(Debug, Parser)]
struct Options {
    /// The port; 0 picks a free one.
    #[arg(long, default_value_t = 7815)]
    port: u16,
    /// The largest number of connections.
    #[arg(long, default_value_t = 16_384)]
    sessions: usize,
}

/// The state of the functions.
struct Bench;

impl DevToolsPlugin for Bench {
    fn name(&self) -> &'static str {
        "bench"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Streams::new(ctx)?)?;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    // There is one thread, so that it can be pinned to one core beside the load.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let limits = Limits::new().sessions(options.sessions);
    let server = DevTools::builder()
        .auth(Auth::None)
        .limits(limits)
        .plugin(Bench)
        .bind(("127.0.0.1", options.port))
        .await?;
    #[expect(
        clippy::print_stdout,
        reason = "the program that started it waits for the address"
    )]
    {
        println!("bench-server: {}", server.url());
    }
    server.run().await;
    Ok(())
}
