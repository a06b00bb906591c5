//! The command `record-to-dump`: writes a static dump of a recording.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::{output, replay};
use crate::dump::DumpOptions;
use crate::function::BoxError;
use crate::{DevToolsBuilder, Mode};

/// The command `record-to-dump`, as [`clap::Args`] for use in other parsers.
#[derive(Debug, Clone, Args)]
#[command(about = None, long_about = None, after_help = EXIT_STATUS)]
#[group(skip)]
pub struct RecordToDump {
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Writes the dump to this folder and replaces the dump that it holds
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Indents JSON files for people
    #[arg(long)]
    pretty: bool,
}

impl RecordToDump {
    /// Writes the recorded answers with the views of `builder`, and prints the report.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder as it was.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        output::exit_code(self.write(builder).await)
    }

    async fn write(self, builder: DevToolsBuilder) -> Result<ExitCode, BoxError> {
        let recording = replay::open(&self.file)?;
        let devtools = builder.mode(Mode::Build).build().await?;
        let options = DumpOptions::new().pretty(self.pretty);
        let (report, unknown) = devtools
            .build_recorded(&recording, &self.out, options)
            .await?;
        output::out(&report);
        for name in &unknown {
            output::note(format_args!(
                "`{name}` was recorded and is left out: this program does not have it"
            ));
        }
        let is_whole = report.failed_functions.is_empty() && unknown.is_empty();
        Ok(if is_whole {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
