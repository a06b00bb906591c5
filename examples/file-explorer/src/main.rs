//! A file explorer as a panel: the tree of a folder, its files' content, editing, and news from the disk.
//!
//! `cargo run -p file-explorer -- [FOLDER] [--port PORT] [--open]` serves it, and
//! `cargo run -p file-explorer -- build [FOLDER] --out DIR` writes it as a static dump.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use devtools_runtime::{DevTools, DevToolsBuilder, Server, cli};
use file_explorer::{Explorer, FileExplorer, PANEL_BASE, Watching, watch};

/// Shows the files of a folder in a panel
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    dev: Dev,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the panel; what happens without a command, too
    Dev(Dev),
    /// Writes a static dump: the panel with the files as they are, for any file server
    Build(Build),
}

#[derive(Debug, Args)]
struct Dev {
    /// The folder to show
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Opens the panel in the browser
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    serve: cli::Dev,
}

#[derive(Debug, Args)]
struct Build {
    /// The folder to show
    #[arg(default_value = ".")]
    folder: PathBuf,
    #[command(flatten)]
    write: cli::Build,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Or a line that cannot be written panics in the task that logs: standard error may be closed before the program ends.
        .log_internal_errors(false)
        .init();
    let options = Options::parse();
    match options.command.unwrap_or(Command::Dev(options.dev)) {
        Command::Dev(dev) => dev.run().await,
        Command::Build(build) => build.run().await,
    }
}

impl Dev {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let Self {
            folder,
            open,
            serve,
        } = self;
        let explorer = open_folder(&folder)?;
        explorer.clear_drafts();
        let ready = |server: &Server| {
            if open {
                open::that(server.sign_in_url(PANEL_BASE))?;
            }
            Ok(watch(
                server.devtools().context().clone(),
                explorer.clone(),
            )?)
        };
        Ok(serve.run_with::<Watching>(program(&explorer), ready).await)
    }
}

impl Build {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let explorer = open_folder(&self.folder)?;
        Ok(self.write.run(program(&explorer)).await)
    }
}

fn open_folder(folder: &Path) -> Result<Explorer, String> {
    Explorer::open(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// What is served, and what is dumped.
fn program(explorer: &Explorer) -> DevToolsBuilder {
    DevTools::builder()
        .cwd(explorer.root())
        .plugin(FileExplorer::new(explorer.clone()))
}
