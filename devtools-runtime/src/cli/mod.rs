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
//! `--allow-frame`. The notation is that of [`DevToolsBuilder::allow_host`](crate::DevToolsBuilder::allow_host) and [`DevToolsBuilder::allow_origin`](crate::DevToolsBuilder::allow_origin).
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
mod command;
mod completions;
mod dev;
mod exit_status;
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

pub use self::build::Build;
pub use self::call::Call;
pub use self::command::{Command, parse, run};
pub use self::completions::Completions;
pub use self::dev::Dev;
pub use self::list::List;
pub use self::record_to_dump::RecordToDump;
pub use self::replay::Replay;
#[cfg(feature = "typescript")]
pub use self::types::Types;
