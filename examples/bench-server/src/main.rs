//! A server to be measured: the functions that a load generator calls, written as in any program.
//!
//! `cargo run --release -p bench-server -- [--port PORT]` serves them on 127.0.0.1, on one thread and without a
//! handshake. With `--threads`, `--layers` and `--inspector`, it measures what these cost.

mod events;
mod modules;
mod ping;
mod streams;
mod text;

use clap::Parser;
#[cfg(feature = "inspector")]
use devtools_runtime::inspector::Inspector;
use devtools_runtime::layers::{LayerCall, LayerResult, Next};
use devtools_runtime::{Auth, DevTools, DevToolsContext, DevToolsPlugin, Limits, SetupError};
use tokio::runtime::Builder;

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
    /// The number of threads.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// The number of layers around each call. They do nothing.
    #[arg(long, default_value_t = 0)]
    layers: usize,
    /// Serves the inspector.
    #[cfg(feature = "inspector")]
    #[arg(long)]
    inspector: bool,
}

/// A layer that does nothing.
async fn empty(call: LayerCall, next: Next) -> LayerResult {
    next.run(call).await
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

fn main() -> Result<(), SetupError> {
    let options = Options::parse();
    // One thread can be pinned to one core beside the load.
    let mut runtime = match options.threads {
        0 | 1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    runtime.worker_threads(options.threads.max(1)).enable_all();
    let runtime = runtime.build()?;
    runtime.block_on(async { tokio::spawn(serve(options)).await })?
}

async fn serve(options: Options) -> Result<(), SetupError> {
    let limits = Limits::new().sessions(options.sessions);
    let mut builder = DevTools::builder()
        .auth(Auth::None)
        .limits(limits)
        .plugin(Bench);
    for _ in 0..options.layers {
        builder = builder.layer(empty);
    }
    #[cfg(feature = "inspector")]
    if options.inspector {
        builder = builder.inspector(Inspector::new());
    }
    let server = builder.bind(("127.0.0.1", options.port)).await?;
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
