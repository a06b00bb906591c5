//! The load: what both benches measure with.
//!
//! One generator for every server, as light as it can be, because it runs beside what it measures: frames by hand
//! ([`socket`]), one read and one write for all that is there. It checks every frame that comes in, byte by byte, and
//! counts those that are wrong.

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

/// What came of a workload.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many calls were answered rightly, or how many events or chunks came.
    pub done: u64,
    /// How many frames were not what they had to be.
    pub wrong: u64,
    /// The first of these.
    pub first_wrong: Option<String>,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Tally {
    /// How many a second.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn rate(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// Counts a frame that is wrong.
    pub fn wrong(&mut self, frame: &[u8]) {
        self.wrong += 1;
        self.first_wrong.get_or_insert_with(|| shown(frame));
    }

    /// Counts what another connection did meanwhile.
    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.wrong += other.wrong;
        self.first_wrong = self.first_wrong.take().or(other.first_wrong);
    }
}

/// The beginning of a frame, for people to read.
pub fn shown(frame: &[u8]) -> String {
    let beginning = &frame[..frame.len().min(200)];
    String::from_utf8_lossy(beginning).into_owned()
}

/// What a server did that none may do.
pub fn broken(problem: impl Into<String>) -> io::Error {
    io::Error::other(problem.into())
}

/// One thread: it can be pinned to one core.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// The middle one; nothing of none.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
