//! How far a dump has got, on standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::cli::say;
use crate::dump::DumpProgress;

/// What of the line is shown on a terminal, in characters: one that is wrapped cannot be taken back.
const WIDTH: usize = 79;

/// How much time is between two lines where each of them stays.
const INTERVAL: Duration = Duration::from_secs(1);

/// One line that changes on a terminal, and a line now and then elsewhere.
#[derive(Debug)]
pub(super) struct ProgressLine {
    is_terminal: bool,
    /// When a line was last written that stays.
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
        // All is collected: the one line that is always there.
        let is_last = progress.function.is_none();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if is_last || written.is_none_or(|at| at.elapsed() >= INTERVAL) {
            *written = Some(Instant::now());
            say::note(progress);
        }
    }

    /// Takes the line away, where it can be.
    pub(super) fn clear(&self) {
        if self.is_terminal {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }
}
