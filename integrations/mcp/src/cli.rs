//! The command `mcp` of a program's command line.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use devtools_mcp::{Mcp, cli};
//! use devtools_runtime::DevTools;
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     cli::run(DevTools::builder(), Mcp::new("my-tool", "1.0.0")).await
//! }
//! ```
//!
//! `my-tool mcp` serves one agent over standard input and output. The other commands are those of
//! [`devtools_runtime::cli`]; `my-tool dev` serves agents over HTTP as well.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use devtools_runtime::{DevToolsBuilder, Mode, cli};

use crate::plugin::Mcp;
use crate::stdio::serve_stdio;

/// Runs the command that the process arguments name, with the functions of `builder`, which also gets the plugin.
///
/// Invalid arguments and requests for help end the process.
///
/// # Cancel safety
///
/// As [`devtools_runtime::cli::run`].
pub async fn run(builder: DevToolsBuilder, mcp: Mcp) -> ExitCode {
    match Program::parse().command {
        Command::Mcp(serve) => serve.run(builder, mcp).await,
        Command::Other(command) => command.run(|_| builder.plugin(mcp)).await,
    }
}

#[derive(Debug, Parser)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Other(cli::Command),
    /// Serves one agent over standard input and output
    Mcp(Serve),
}

/// The command `mcp`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
#[non_exhaustive]
pub struct Serve {}

impl Serve {
    /// Serves one agent over standard input and output, with the functions of `builder`, which gets the plugin too.
    ///
    /// # Cancel safety
    ///
    /// As [`serve_stdio`].
    pub async fn run(self, builder: DevToolsBuilder, mcp: Mcp) -> ExitCode {
        let builder = builder.mode(Mode::Dev).plugin(mcp.clone());
        let served = match builder.build().await {
            Ok(devtools) => {
                let served = serve_stdio(&devtools, &mcp).await;
                devtools.shutdown().await;
                served.map_err(|error| error.to_string())
            }
            Err(error) => Err(with_causes(&error)),
        };
        match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&error);
                ExitCode::FAILURE
            }
        }
    }
}

/// Writes an error to standard error, which may be closed.
fn say(error: &str) {
    use std::io::Write as _;

    drop(writeln!(std::io::stderr(), "error: {error}"));
}

/// Returns the message of an error with those of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
