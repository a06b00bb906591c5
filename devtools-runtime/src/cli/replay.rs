//! The command `replay`: serves a recording.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::cli::dev::Dev;
use crate::cli::exit_status::EXIT_STATUS;
use crate::cli::output;
use crate::function::BoxError;
use crate::recording::{Recording, ReplayOptions};
use crate::{Auth, DevTools, DevToolsBuilder, Mode};

/// The command `replay`, as [`clap::Args`] for use in other parsers.
///
/// It takes the options of [`Dev`] as well. Without `--auth` and `--token`, every client may call.
#[derive(Debug, Clone, Args)]
#[command(about = None, long_about = None, after_help = EXIT_STATUS)]
#[group(skip)]
pub struct Replay {
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many times faster than recorded answers, events and chunks come; 0.5 takes twice the time
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Leaves out all delays
    #[arg(long, conflicts_with = "speed")]
    at_once: bool,
    /// The seconds that an event waits at most for the calls that were recorded before it
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    patience: u32,
    #[command(flatten)]
    dev: Dev,
}

impl Replay {
    /// Returns the mode of the context.
    pub fn mode(&self) -> Mode {
        self.dev.mode()
    }

    /// Serves the recording with the views of `builder`, until the process receives SIGINT or SIGTERM.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self, builder: DevToolsBuilder) -> ExitCode {
        output::exit_code(self.serve(builder).await)
    }

    async fn serve(self, builder: DevToolsBuilder) -> Result<ExitCode, BoxError> {
        if self.dev.records_to(&self.file) {
            return Err(format!(
                "could not record to {}: it is the recording that is replayed; choose another file for `--record`",
                self.file.display()
            )
            .into());
        }
        let recording = open(&self.file)?;
        let options = ReplayOptions::new().patience(Duration::from_secs(self.patience.into()));
        let options = if self.at_once {
            options.at_once()
        } else {
            options.speed(self.speed)
        };
        let builder = if self.dev.says_who_may_call() {
            builder
        } else {
            builder.auth(Auth::None)
        };
        let prepare = |devtools: &DevTools| Ok(devtools.replay(&recording, options)?);
        self.dev.serve(builder, prepare, |_| Ok(())).await
    }
}

/// Reads a recording. Prints a note if a part of it is missing.
pub(super) fn open(file: &Path) -> Result<Recording, BoxError> {
    let recording = Recording::open(file).map_err(|error| -> BoxError {
        match std::error::Error::source(&error) {
            Some(_) => error.into(),
            None => format!("{}: {error}", file.display()).into(),
        }
    })?;
    let file = file.display();
    if recording.dropped() > 0 {
        let dropped = recording.dropped();
        output::note(format_args!(
            "{file}: {dropped} frames are missing, which came faster than they could be written"
        ));
    }
    if let Some(reason) = recording.ended() {
        output::note(format_args!("{file}: the recording ended early: {reason}"));
    }
    if recording.is_cut() {
        output::note(format_args!(
            "{file}: the last line is cut off and is left out"
        ));
    }
    Ok(recording)
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text
        .parse()
        .ok()
        .filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "it is no number above 0".to_owned())
}
