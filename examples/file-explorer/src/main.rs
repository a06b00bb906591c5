//! A file explorer as a panel: the tree of a folder, its files' content, editing, and news from the disk.
//!
//! `cargo run -p file-explorer -- [FOLDER] [--port PORT] [--open]`

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use devtools_runtime::DevTools;
use file_explorer::{Explorer, FileExplorer, PANEL_BASE, watch};

/// Shows the files of a folder in a panel.
#[derive(Debug, Parser)]
struct Options {
    /// The folder to show.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The port to serve at, on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 7812)]
    port: u16,
    /// Opens the panel in the browser.
    #[arg(long)]
    open: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let options = Options::parse();
    let explorer = Explorer::open(&options.folder)?;

    let devtools = DevTools::builder()
        .cwd(explorer.root())
        .plugin(FileExplorer::new(explorer.clone()))
        .build()
        .await?;
    let _watching = watch(devtools.context().clone(), explorer)?;
    let server = devtools.bind(("127.0.0.1", options.port)).await?;

    let url = server.sign_in_url(PANEL_BASE);
    #[expect(clippy::print_stdout, reason = "what the program is started for")]
    {
        println!("file explorer: {url}");
    }
    if options.open {
        open::that(&url)?;
    }
    server.run().await;
    Ok(())
}
