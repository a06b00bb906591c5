//! `cargo run -p analytics -- [FOLDER] [--port PORT]`

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use analytics::{Analytics, Metrics, PANEL_BASE, watch};
use clap::Parser;
use devtools_runtime::DevTools;

/// Shows the size of each file of a folder, live.
#[derive(Debug, Parser)]
struct Options {
    /// The folder to measure.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The port to serve at, on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 7813)]
    port: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Without this setting, a closed standard error would cause a panic in the task that logs.
        .log_internal_errors(false)
        .init();
    let options = Options::parse();
    let metrics = Metrics::default();
    let devtools = DevTools::builder()
        .cwd(&options.folder)
        .plugin(Analytics::new(metrics.clone()))
        .build()
        .await?;
    let _watching = watch(devtools.context().clone(), metrics, &options.folder)?;
    let server = devtools.bind(("127.0.0.1", options.port)).await?;
    // A closed standard output is not an error.
    let _ = writeln!(
        std::io::stdout(),
        "analytics: {}",
        server.sign_in_url(PANEL_BASE)
    );
    server.run().await;
    Ok(())
}
