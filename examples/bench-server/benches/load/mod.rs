//! The load generator of the benches.
//!
//! One generator serves all servers, and it is as light as possible, because it runs beside what it measures: frames
//! are made by hand ([`socket`]), with one read and one write for everything that is ready. It checks every incoming
//! frame byte by byte, and counts wrong ones.

#![allow(dead_code, reason = "each of the benches uses a part of it")]

pub mod broadcast;
pub mod calls;
pub mod floor;
pub mod limits;
pub mod memory;
pub mod process;
pub mod socket;
pub mod template;

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;

/// The result of a workload.
#[derive(Debug, Default)]
pub struct Tally {
    /// The number of calls that were answered rightly, or of events or chunks that came.
    pub done: u64,
    /// The number of wrong frames.
    pub wrong: u64,
    /// The first wrong frame.
    pub first_wrong: Option<String>,
    /// The time from the first request to the last answer.
    pub took: Duration,
}

impl Tally {
    /// Returns the rate per second.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// Counts a wrong frame.
    pub fn wrong(&mut self, frame: &[u8]) {
        self.wrong += 1;
        self.first_wrong.get_or_insert_with(|| shown(frame));
    }

    /// Adds the counts of another connection for the same time.
    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.wrong += other.wrong;
        self.first_wrong = self.first_wrong.take().or(other.first_wrong);
    }
}

/// Returns the beginning of a frame for people.
pub fn shown(frame: &[u8]) -> String {
    let beginning = &frame[..frame.len().min(200)];
    String::from_utf8_lossy(beginning).into_owned()
}

/// Creates the error for a server that behaves wrongly.
pub fn broken(problem: impl Into<String>) -> io::Error {
    io::Error::other(problem.into())
}

/// Creates a runtime with one thread, so that it can be pinned to one core.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// Returns the median. `None` if there are no values.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
