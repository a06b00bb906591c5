//! A file explorer as a panel: the tree of a folder, the content of files, editing, and changes on disk.
//!
//! `cargo run -p file-explorer -- [FOLDER] [--port PORT] [--open]` serves it, and
//! `cargo run -p file-explorer -- build [FOLDER] --out DIR` writes it as a static dump.
//! `cargo run -p file-explorer -- mcp [FOLDER] --port PORT` serves a coding agent over standard input and output, beside the panel.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use devtools_mcp::cli::Serve;
use devtools_runtime::{DevTools, DevToolsBuilder, Server, cli};
use file_explorer::{Explorer, FileExplorer, PANEL_BASE, Watching, agents, watch};

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
    /// Serves the panel; the default without a command
    Dev(Dev),
    /// Writes a static dump: the panel with the current files, for any file server
    Build(Build),
    /// Serves a recording of `dev --record` in place of the files
    Replay(Box<cli::Replay>),
    /// Writes a static dump of a recording
    RecordToDump(cli::RecordToDump),
    /// Serves a coding agent over standard input and output
    Mcp(Agent),
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

#[derive(Debug, Args)]
struct Agent {
    /// The folder to offer
    #[arg(default_value = ".")]
    folder: PathBuf,
    #[command(flatten)]
    serve: Serve,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Without this setting, a closed standard error would cause a panic in the task that logs.
        .log_internal_errors(false)
        .init();
    run(Options::parse()).await.unwrap_or_else(|error| {
        // Nobody may read standard error any more.
        let _ = writeln!(io::stderr(), "error: {error}");
        ExitCode::FAILURE
    })
}

async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    // A recording has all answers, so its folder does not matter.
    let for_recording = || Ok::<_, String>(program(&open_folder(Path::new("."))?));
    match options.command.unwrap_or(Command::Dev(options.dev)) {
        Command::Dev(dev) => dev.run().await,
        Command::Build(build) => build.run().await,
        Command::Replay(replay) => Ok(Box::pin(replay.run(for_recording()?)).await),
        Command::RecordToDump(dump) => Ok(Box::pin(dump.run(for_recording()?)).await),
        Command::Mcp(agent) => agent.run().await,
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
            watching(server, &explorer)
        };
        let builder = program(&explorer).plugin(agents());
        Ok(serve.run_with::<Watching>(builder, ready).await)
    }
}

impl Agent {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let explorer = open_folder(&self.folder)?;
        explorer.clear_drafts();
        let ready = |server: &Server| watching(server, &explorer);
        let served = self.serve.run_with(program(&explorer), agents(), ready);
        Ok(served.await)
    }
}

impl Build {
    async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        let explorer = open_folder(&self.folder)?;
        Ok(self.write.run(program(&explorer)).await)
    }
}

fn watching(
    server: &Server,
    explorer: &Explorer,
) -> Result<Watching, Box<dyn Error + Send + Sync>> {
    Ok(watch(
        server.devtools().context().clone(),
        explorer.clone(),
    )?)
}

fn open_folder(folder: &Path) -> Result<Explorer, String> {
    Explorer::open(folder).map_err(|error| {
        let folder = folder.display();
        format!("could not open the folder `{folder}`: {error}")
    })
}

/// Builds the program that is served and dumped.
fn program(explorer: &Explorer) -> DevToolsBuilder {
    DevTools::builder()
        .cwd(explorer.root())
        .plugin(FileExplorer::new(explorer.clone()))
}
