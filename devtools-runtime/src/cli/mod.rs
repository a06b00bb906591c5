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
//! types --out FILE` writes TypeScript declarations (feature `typescript`). `my-program replay FILE` serves a recording of `dev --record`.
//! `my-program help` shows all commands and options.
//!
//! A program with options of its own parses them with [clap](https://docs.rs/clap) 4 and includes the commands: [`Command`] for all of
//! them, or some of them, such as [`Dev`] and [`Build`], beside its own options.
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
//!     command.run_as::<Options>(|_mode| DevTools::builder().cwd(folder)).await
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
mod record_to_dump;
mod replay;
mod tls;
#[cfg(feature = "typescript")]
mod types;
mod vite;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::{DevToolsBuilder, Mode};

pub use self::build::Build;
pub use self::call::Call;
pub use self::completions::Completions;
pub use self::dev::Dev;
pub use self::list::List;
pub use self::record_to_dump::RecordToDump;
pub use self::replay::Replay;
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
    let Program { command } = parse(&builder);
    command.run_as::<Program>(|_| builder).await
}

/// Parses the process arguments. `--version` says the package of the builder, or the name of the program, and the version of this crate.
#[doc(hidden)]
pub fn parse<P: Parser>(builder: &DevToolsBuilder) -> P {
    let runtime = concat!("(devtools-runtime ", env!("CARGO_PKG_VERSION"), ")");
    let (name, version) = match builder.named_package() {
        Some((name, version)) => (name.to_owned(), format!("{version} {runtime}")),
        None => (output::started_as(), runtime.to_owned()),
    };
    // The arguments are parsed once in a process, and clap keeps the texts of a command as long as the process runs.
    let command = P::command().name(&*name.leak()).version(&*version.leak());
    let parsed = P::from_arg_matches(&command.get_matches());
    parsed.unwrap_or_else(|error| error.exit())
}

/// Serves the functions of this program, calls them, or writes their results to a folder
#[derive(Debug, Parser)]
#[command(after_help = EXIT_STATUS)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

/// A command of a program, as a [`clap::Subcommand`] for use in other parsers.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use clap::Parser;
/// use devtools_runtime::{DevTools, cli};
///
/// /// Watches a project.
/// #[derive(Parser)]
/// enum Program {
///     #[command(flatten)]
///     Panels(cli::Command),
///     /// Prints the version of the project
///     Version,
/// }
///
/// #[tokio::main]
/// async fn main() -> ExitCode {
///     match Program::parse() {
///         Program::Panels(command) => command.run_as::<Program>(|_mode| DevTools::builder()).await,
///         Program::Version => {
///             println!("1.0");
///             ExitCode::SUCCESS
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone, Subcommand)]
// The documentation of this type is not the help of the programs whose commands include these.
#[command(about = None, long_about = None)]
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
    /// Serves a recording of `dev --record` in place of the functions
    Replay(Box<Replay>),
    /// Writes a static dump of a recording: the panels with the answers that were recorded
    RecordToDump(RecordToDump),
    /// Writes the types of functions, channels and shared states as declarations for TypeScript
    #[cfg(feature = "typescript")]
    Types(Types),
    /// Writes a completion script for a shell
    Completions(Completions),
}

impl Command {
    /// Returns the mode that the command needs.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Dev(dev) => dev.mode(),
            Self::Build(_) => Mode::Build,
            Self::Replay(replay) => replay.mode(),
            Self::RecordToDump(_) => Mode::Build,
            Self::List(_) | Self::Call(_) => Mode::Dev,
            #[cfg(feature = "typescript")]
            Self::Types(_) => Mode::Build,
            Self::Completions(_) => Mode::Build,
        }
    }

    /// Runs the command with the builder that `builder` returns for the mode of the command.
    ///
    /// The command `completions` completes the commands of this type alone. [`run_as`](Self::run_as) completes the options of the
    /// program too.
    ///
    /// # Cancel safety
    ///
    /// As [`run`].
    pub async fn run(self, builder: impl FnOnce(Mode) -> DevToolsBuilder) -> ExitCode {
        self.run_as::<Program>(builder).await
    }

    /// Runs the command as [`run`](Self::run) does, in a program whose options are `P`.
    ///
    /// # Cancel safety
    ///
    /// As [`run`].
    pub async fn run_as<P: CommandFactory>(
        self,
        builder: impl FnOnce(Mode) -> DevToolsBuilder,
    ) -> ExitCode {
        let builder = builder(self.mode());
        match self {
            Self::Dev(dev) => Box::pin(dev.run(builder)).await,
            Self::Build(build) => Box::pin(build.run(builder)).await,
            Self::List(list) => Box::pin(list.run(builder)).await,
            Self::Call(call) => Box::pin(call.run(builder)).await,
            Self::Replay(replay) => Box::pin(replay.run(builder)).await,
            Self::RecordToDump(dump) => Box::pin(dump.run(builder)).await,
            #[cfg(feature = "typescript")]
            Self::Types(types) => types.run(builder).await,
            Self::Completions(completions) => completions.run(P::command()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser, Subcommand};

    use super::Command;

    #[derive(Parser)]
    struct Tool {
        #[command(subcommand)]
        _command: Commands,
    }

    #[derive(Subcommand)]
    enum Commands {
        #[command(flatten)]
        Others(Command),
    }

    #[test]
    fn a_program_with_these_commands_has_the_help_that_it_gives_itself() {
        let tool = Tool::command();
        assert_eq!(tool.get_about(), None);
        assert_eq!(tool.get_long_about(), None);
        assert!(tool.find_subcommand("dev").is_some());
    }
}
