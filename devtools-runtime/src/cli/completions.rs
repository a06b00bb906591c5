//! The command `completions`: writes completion scripts for shells.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::output;

/// The command `completions`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[group(skip)]
pub struct Completions {
    /// The shell to write the script for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Writes the script for `command`, which must be the program's whole command: `Options::command()` of
    /// [`clap::CommandFactory`]. The script completes the name by which the program was started.
    pub fn run(self, mut command: clap::Command) -> ExitCode {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, output::started_as(), &mut script);
        // A closed standard output is not an error of this program.
        let _ = io::stdout().write_all(&script);
        ExitCode::SUCCESS
    }
}
