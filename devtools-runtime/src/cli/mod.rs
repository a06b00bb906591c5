//! The command line that every program gets.
//!
//! A program that has nothing to add is [`run`] alone:
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
//! `my-program dev` serves panels, `my-program build --out DIR` writes a static dump, `my-program list` and
//! `my-program call NAME ARGUMENTS…` look at the functions and call them, in this process or in a server that runs,
//! `my-program types --out FILE` writes declarations for TypeScript (feature `typescript`), and `my-program help` says the rest.
//!
//! A program with options of its own parses them with [clap](https://docs.rs/clap) 4, and takes the commands in as a part of
//! its own: [`Command`] for all, or [`Dev`], [`Build`], [`List`], [`Call`] and [`Completions`] with options of their own beside them.
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
//! Standard output has what other programs read: one line, `listening on http://HOST:PORT/__devtools/`, of `dev`, the report of
//! `build`, the table or JSON of `list`, and what a `call` returned, as JSON. It is coloured and indented on a terminal alone; `NO_COLOR` is
//! heeded. Progress, addresses for people, and errors go to standard error. What the functions log is the program's own business: it
//! installs a `tracing` subscriber or none. One that writes to standard error should not panic when nobody reads that any more, because it
//! runs in the tasks of the connections: `tracing_subscriber::fmt().log_internal_errors(false)`.
//!
//! # Environment
//!
//! `DEVTOOLS_ALLOW_HOST`, `DEVTOOLS_ALLOW_ORIGIN` and `DEVTOOLS_ALLOW_FRAME` list, separated by commas, what `dev` allows besides what the
//! program and `--allow-host`, `--allow-origin` and `--allow-frame` do; they are written as for
//! [`DevToolsBuilder::allow_host`] and [`DevToolsBuilder::allow_origin`].
//!
//! # Exit status
//!
//! | | |
//! |---|---|
//! | 0 | all went well; for `--check` and `--diff` also: nothing differs |
//! | 1 | it failed, or something differs; standard error says what |
//! | 2 | the arguments are not as the program wants them |

mod build;
mod call;
mod completions;
mod dev;
mod functions;
mod list;
mod nearest;
mod progress;
mod say;
#[cfg(feature = "typescript")]
mod types;

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

/// What the end of each help says.
const EXIT_STATUS: &str =
    "Exit status: 0 if all went well, 1 if it failed, 2 if the arguments make no sense.";

/// Runs the command that the arguments of the process name, with the functions of `builder`.
///
/// The mode of the context is that of the command, whatever the builder says. Everything else is the builder's, but
/// for what an option says.
///
/// Arguments that make no sense, and requests for help, end the process.
///
/// # Cancel safety
///
/// Dropping the future ends the server at once, or leaves the folder as it was that a dump was to go to.
pub async fn run(builder: DevToolsBuilder) -> ExitCode {
    match Program::parse().command {
        ProgramCommand::Command(command) => command.run(|_| builder).await,
        ProgramCommand::Completions(completions) => completions.run(Program::command()),
    }
}

/// Serves the functions of this program, calls them, or writes what they return into a folder
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
    /// Writes the script that completes this program's command lines
    Completions(Completions),
}

/// A command of a program, as a [`clap::Subcommand`] that other parsers take in.
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
    /// Serves panels until it is told to end
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
    /// What the context is there for.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Dev(dev) => dev.mode(),
            Self::Build(_) => Mode::Build,
            Self::List(_) | Self::Call(_) => Mode::Dev,
            #[cfg(feature = "typescript")]
            Self::Types(_) => Mode::Build,
        }
    }

    /// Runs the command with what `builder` makes; it is told what the context is there for.
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
