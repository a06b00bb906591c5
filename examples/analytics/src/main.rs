//! `cargo run -p analytics -- dev` shows the size of each file of a folder, live. In a Vite project, it shows the size
//! of each module.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use analytics::{Analytics, Metrics, measure, watch};
use clap::Parser;
use devtools_runtime::{DevTools, cli};

/// Shows the size of each module.
#[derive(Debug, Parser)]
struct Options {
    /// The folder to measure, without Vite.
    #[arg(long, default_value = ".", global = true)]
    folder: PathBuf,
    #[command(subcommand)]
    command: cli::Command,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Without this setting, a closed standard error would cause a panic in the task that logs.
        .log_internal_errors(false)
        .init();
    let Options { folder, command } = Options::parse();
    let metrics = Metrics::default();
    let builder = DevTools::builder()
        .cwd(&folder)
        .plugin(Analytics::new(metrics.clone()));
    Ok(match command {
        cli::Command::Dev(dev) => {
            dev.run_with(builder, |server| {
                let ctx = server.devtools().context().clone();
                Ok(watch(ctx, metrics, &folder)?)
            })
            .await
        }
        other => {
            measure(&metrics, &folder)?;
            other.run(|_mode| builder).await
        }
    })
}
