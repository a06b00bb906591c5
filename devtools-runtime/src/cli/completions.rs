//! `completions`: what a shell has to know to complete a command line.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use crate::cli::EXIT_STATUS;

/// The command `completions`, as [`clap::Args`] that other parsers take in.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[group(skip)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Writes the script for `command`, which is the whole of the program's own: `Options::command()` of
    /// [`clap::CommandFactory`]. The shell is to know the program by the name that it was started by.
    pub fn run(self, mut command: clap::Command) -> ExitCode {
        let started_as = std::env::args_os().next();
        let name = started_as
            .as_deref()
            .and_then(|path| Path::new(path).file_stem()?.to_str())
            .unwrap_or(command.get_name())
            .to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        // Nobody may be there to read it: that is no reason to fail.
        let _ = io::stdout().write_all(&script);
        ExitCode::SUCCESS
    }
}
