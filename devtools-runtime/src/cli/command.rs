//! The list of all commands, and the functions that run one of them.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::build::Build;
use crate::cli::call::Call;
use crate::cli::completions::Completions;
use crate::cli::dev::Dev;
use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::list::List;
use crate::cli::output::started_as;
use crate::cli::record_to_dump::RecordToDump;
use crate::cli::replay::Replay;
#[cfg(feature = "typescript")]
use crate::cli::types::Types;
use crate::{DevToolsBuilder, Mode};

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

/// Parses the process arguments. `--version` prints the package of the builder, or else the name of the program, and
/// the version of this crate.
#[doc(hidden)]
pub fn parse<P: Parser>(builder: &DevToolsBuilder) -> P {
    let runtime = concat!("(devtools-runtime ", env!("CARGO_PKG_VERSION"), ")");
    let (name, version) = match builder.named_package() {
        Some((name, version)) => (name.to_owned(), format!("{version} {runtime}")),
        None => (started_as(), runtime.to_owned()),
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
