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
use devtools_runtime::{DevToolsBuilder, Mode, Server, cli};

use crate::plugin::Mcp;
use crate::stdio::serve_stdio;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the process arguments name, with the functions of `builder`, which also gets the plugin.
///
/// Invalid arguments and requests for help end the process.
///
/// # Cancel safety
///
/// As [`devtools_runtime::cli::run`].
pub async fn run(builder: DevToolsBuilder, mcp: Mcp) -> ExitCode {
    // Boxed, because the futures of the commands have many kilobytes.
    match cli::parse::<Program>(&builder).command {
        Command::Mcp(serve) => Box::pin(serve.run(builder, mcp)).await,
        Command::Other(command) => {
            let run = command.run_as::<Program>(|_| builder.plugin(mcp));
            Box::pin(run).await
        }
    }
}

/// Serves the functions of this program, to panels and to agents, calls them, or writes their results to a folder
#[derive(Debug, Parser)]
#[command(after_help = "Exit status: 0 on success, 1 on failure, 2 if the arguments are invalid.")]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one, which is matched where it is made"
)]
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
pub struct Serve {
    /// Serves panels at this port of this machine too, and says on standard error where; 0 is any free port
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

impl Serve {
    /// Serves one agent over standard input and output, with the functions of `builder`, which gets the plugin too.
    ///
    /// # Cancel safety
    ///
    /// As [`serve_stdio`].
    pub async fn run(self, builder: DevToolsBuilder, mcp: Mcp) -> ExitCode {
        self.run_with(builder, mcp, |_| Ok(())).await
    }

    /// Serves as [`run`](Self::run) does. If panels are served, calls `ready` with the server once it listens. The value that `ready`
    /// returns is dropped when the agent is gone. If `ready` fails, the program ends.
    ///
    /// # Cancel safety
    ///
    /// As [`serve_stdio`].
    pub async fn run_with<T>(
        self,
        builder: DevToolsBuilder,
        mcp: Mcp,
        ready: impl FnOnce(&Server) -> Result<T, BoxError>,
    ) -> ExitCode {
        match self.serve(builder, &mcp, ready).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&format!("error: {}", with_causes(&*error)));
                ExitCode::FAILURE
            }
        }
    }

    async fn serve<T>(
        self,
        builder: DevToolsBuilder,
        mcp: &Mcp,
        ready: impl FnOnce(&Server) -> Result<T, BoxError>,
    ) -> Result<(), BoxError> {
        let devtools = builder.mode(Mode::Dev).plugin(mcp.clone()).build().await?;
        let panels = match self.port {
            Some(port) => {
                let server = devtools.bind(("127.0.0.1", port)).await?;
                let kept = ready(&server)?;
                // Standard output belongs to the agent.
                say(&format!("panels: {}", server.sign_in_url("/")));
                Some((server, kept))
            }
            None => None,
        };
        let served = serve_stdio(&devtools, mcp).await;
        drop(panels);
        devtools.shutdown().await;
        Ok(served?)
    }
}

/// Writes a line to standard error, which may be closed.
fn say(line: &str) {
    use std::io::Write as _;

    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Returns the message of an error with those of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
