//! Shows the progress of a dump on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::cli::output;
use crate::dump::DumpProgress;
use crate::mutex::Mutex;

/// The number of characters shown on a terminal. A line that wraps could not be erased.
const WIDTH: usize = 79;

/// The time between two lines if standard error is not a terminal.
const INTERVAL: Duration = Duration::from_secs(1);

/// A progress display: one line that changes on a terminal, and a line now and then elsewhere.
#[derive(Debug)]
pub(super) struct ProgressLine {
    is_terminal: bool,
    /// The time of the last line that was not written to a terminal.
    written: Mutex<Option<Instant>>,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self {
            is_terminal: io::stderr().is_terminal(),
            written: Mutex::new(None),
        }
    }

    pub(super) fn show(&self, progress: &DumpProgress) {
        if self.is_terminal {
            let line: String = progress.to_string().chars().take(WIDTH).collect();
            let _ = write!(io::stderr(), "\r\x1b[2K{line}");
            return;
        }
        // The last progress, after everything is collected, is always written.
        let is_last = progress.function.is_none();
        let mut written = self.written.lock();
        if is_last || written.is_none_or(|at| at.elapsed() >= INTERVAL) {
            *written = Some(Instant::now());
            output::note(progress);
        }
    }

    /// Erases the line on a terminal.
    pub(super) fn clear(&self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
