//! `build`: writing a static dump, and looking at one.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgGroup, Args};

use crate::cli::progress::ProgressLine;
use crate::cli::say;
use crate::function::BoxError;
use crate::{DevTools, DevToolsBuilder, DumpOptions, Mode};

/// What the end of the help says.
const EXIT_STATUS: &str = "\
Exit status: 0 if all went well, 1 if it failed or something differs, 2 if the arguments make no sense.
A function that cannot be dumped is a failure, the rest is written nevertheless. A call that fails is none: it fails
for whoever reads the dump, too.";

/// The command `build`, as [`clap::Args`] that other parsers take in.
// The group goes by a long name, because the short one belongs to the program.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_STATUS)]
#[command(group = ArgGroup::new("devtools-build-what").required(true).args(["out"]))]
#[group(skip)]
pub struct Build {
    /// Writes the dump into this folder, in place of the one it holds
    #[arg(long, alias = "out-dir", value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many calls run at once [default: the number of cores]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroUsize>,
    /// Indents what is JSON, for people
    #[arg(long)]
    pretty: bool,
    /// Writes nothing if a single call fails
    #[arg(long)]
    strict: bool,
}

impl Build {
    /// Runs the command with what `builder` makes, and says what came of it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder as it was.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        self.run_with(builder, DumpOptions::new()).await
    }

    /// [`run`](Self::run) with options for what the command line says nothing of, such as
    /// [`DumpOptions::inputs`]. A listener for the progress is replaced.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(self, builder: DevToolsBuilder, options: DumpOptions) -> ExitCode {
        say::ended(self.look_or_write(builder, options).await)
    }

    async fn look_or_write(
        self,
        builder: DevToolsBuilder,
        options: DumpOptions,
    ) -> Result<ExitCode, BoxError> {
        let devtools = builder.mode(Mode::Build).build().await?;
        match &self.out {
            Some(folder) => self.write(&devtools, folder, options).await,
            // The group of arguments is required.
            None => Ok(ExitCode::from(2)),
        }
    }

    async fn write(
        &self,
        devtools: &DevTools,
        folder: &PathBuf,
        options: DumpOptions,
    ) -> Result<ExitCode, BoxError> {
        let line = Arc::new(ProgressLine::new());
        let shown = Arc::clone(&line);
        let options = self
            .options(options)
            .on_progress(move |progress| shown.show(progress));
        let report = devtools.build_with(folder, options).await;
        line.clear();
        let report = report?;
        say::out(&report);
        Ok(status(
            report.failed_functions.is_empty() && report.unknown.is_empty(),
        ))
    }

    fn options(&self, options: DumpOptions) -> DumpOptions {
        let options = if self.pretty {
            options.pretty(true)
        } else {
            options
        };
        let options = if self.strict {
            options.strict()
        } else {
            options
        };
        match self.concurrency {
            Some(concurrency) => options.concurrency(concurrency),
            None => options,
        }
    }
}

fn status(fine: bool) -> ExitCode {
    if fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
