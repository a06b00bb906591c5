//! A ready-made command line for programs.
//!
//! A program without further options only calls [`run`]:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use devtools_runtime::{DevTools, cli, rpc_function};
//!
//! /// Says hello.
//! #[rpc_function(name = "my-plugin:say-hello", kind = "static")]
//! fn say_hello() -> String {
//!     "Hello!".to_owned()
//! }
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     cli::run(DevTools::builder()).await
//! }
//! ```
//!
//! `my-program dev` serves panels. `my-program build --out DIR` writes a static dump. `my-program list` and
//! `my-program call NAME ARGUMENTS…` list and call functions, in this process or in a running server. `my-program
//! types --out FILE` writes TypeScript declarations (feature `typescript`). `my-program help` shows all options.
//!
//! A program with options of its own parses them with [clap](https://docs.rs/clap) 4 and includes the commands: [`Command`] for all of
//! them, or [`Dev`], [`Build`], [`List`], [`Call`] and [`Completions`] beside its own options.
//!
//! ```no_run
//! use std::path::PathBuf;
//! use std::process::ExitCode;
//!
//! use clap::Parser;
//! use devtools_runtime::{DevTools, cli};
//!
//! /// Shows what is in a folder.
//! #[derive(Parser)]
//! struct Options {
//!     /// The folder to show
//!     #[arg(long, default_value = ".", global = true)]
//!     folder: PathBuf,
//!     #[command(subcommand)]
//!     command: cli::Command,
//! }
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     let Options { folder, command } = Options::parse();
//!     command.run(|_mode| DevTools::builder().cwd(folder)).await
//! }
//! ```
//!
//! # Output
//!
//! Standard output is for other programs: `dev` writes one line, `listening on http://HOST:PORT/__devtools/`; `build`
//! writes its report, `list` a table or JSON, and `call` the result as JSON. Output is coloured and indented only on
//! a terminal; `NO_COLOR` is respected. Progress, addresses for people, and errors go to standard error. Logging is
//! left to the program, which may install a `tracing` subscriber. A subscriber that writes to standard error must not
//! panic when nobody reads it, because it runs in the tasks of connections:
//! `tracing_subscriber::fmt().log_internal_errors(false)`.
//!
//! # Environment
//!
//! `DEVTOOLS_ALLOW_HOST`, `DEVTOOLS_ALLOW_ORIGIN` and `DEVTOOLS_ALLOW_FRAME` are lists, separated by commas. `dev`
//! allows their values in addition to those of the program and of `--allow-host`, `--allow-origin` and
//! `--allow-frame`. The notation is that of [`DevToolsBuilder::allow_host`] and [`DevToolsBuilder::allow_origin`].
//!
//! `DEVTOOLS_RUNTIME_TOKEN` is a token that `dev` accepts, in addition to those of the program: a program without authentication gets
//! a gate. `DEVTOOLS_RUNTIME_VITE` is set by a Vite plugin that starts the program. It names a file with the configuration of the
//! Vite project, for [`DevToolsContext::vite_config`](crate::DevToolsContext::vite_config). With it, `dev` prints no addresses for
//! people, and ends when its standard input ends, because the plugin holds the other end of that.
//!
//! # Exit status
//!
//! | | |
//! |---|---|
//! | 0 | success; for `--check` and `--diff` also: no differences |
//! | 1 | failure or differences; standard error has the reason |
//! | 2 | invalid arguments |

mod build;
mod call;
mod completions;
mod dev;
mod functions;
mod list;
mod nearest;
mod output;
mod progress;
#[cfg(feature = "typescript")]
mod types;
mod vite;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{DevToolsBuilder, Mode};

pub use self::build::Build;
pub use self::call::Call;
pub use self::completions::Completions;
pub use self::dev::Dev;
pub use self::list::List;
#[cfg(feature = "typescript")]
pub use self::types::Types;

/// The end of each help text.
const EXIT_STATUS: &str =
    "Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.";

/// Runs the command that the process arguments name, with the functions of `builder`.
///
/// The command sets the mode of the context, whatever the builder says. Options of the command line override those of
/// the builder.
///
/// Invalid arguments and requests for help end the process.
///
/// # Cancel safety
///
/// Dropping the future ends the server at once. A dump that is being written leaves its folder unchanged.
pub async fn run(builder: DevToolsBuilder) -> ExitCode {
    match Program::parse().command {
        ProgramCommand::Command(command) => command.run(|_| builder).await,
        ProgramCommand::Completions(completions) => completions.run(Program::command()),
    }
}

/// Serves the functions of this program, calls them, or writes their results to a folder
#[derive(Debug, Parser)]
#[command(after_help = EXIT_STATUS)]
struct Program {
    #[command(subcommand)]
    command: ProgramCommand,
}

#[derive(Debug, Subcommand)]
enum ProgramCommand {
    #[command(flatten)]
    Command(Command),
    /// Writes a completion script for a shell
    Completions(Completions),
}

/// A command of a program, as a [`clap::Subcommand`] for use in other parsers.
///
/// ```
/// use devtools_runtime::docks::Command;
/// use devtools_runtime::{DevTools, js};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let command = Command::new("my-plugin:restart", "Restart")
///     .description("Restarts the server of the plugin")
///     .icon("ph:arrow-clockwise")
///     .keybinding("Mod+Shift+R");
/// devtools.context().commands().register(command, |_arguments| async { Ok(js::Value::Undefined) })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serves panels until the process is asked to end
    Dev(Dev),
    /// Writes a static dump: the panels with their data, for any file server
    Build(Build),
    /// Lists the functions
    List(List),
    /// Calls a function
    Call(Call),
    /// Writes the types of functions, channels and shared states as declarations for TypeScript
    #[cfg(feature = "typescript")]
    Types(Types),
}

impl Command {
    /// Returns the mode that the command needs.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Dev(dev) => dev.mode(),
            Self::Build(_) => Mode::Build,
            Self::List(_) | Self::Call(_) => Mode::Dev,
            #[cfg(feature = "typescript")]
            Self::Types(_) => Mode::Build,
        }
    }

    /// Runs the command with the builder that `builder` returns for the mode of the command.
    ///
    /// # Cancel safety
    ///
    /// As [`run`].
    pub async fn run(self, builder: impl FnOnce(Mode) -> DevToolsBuilder) -> ExitCode {
        let builder = builder(self.mode());
        match self {
            Self::Dev(dev) => dev.run(builder).await,
            Self::Build(build) => build.run(builder).await,
            Self::List(list) => list.run(builder).await,
            Self::Call(call) => call.run(builder).await,
            #[cfg(feature = "typescript")]
            Self::Types(types) => types.run(builder).await,
        }
    }
}
