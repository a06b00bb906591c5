//! The requests of good clients, and their results.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::latencies::Latencies;

/// How many problems are kept, to be shown.
const SHOWN: usize = 5;

/// The requests of good clients of one sort.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) name: &'static str,
    begun: AtomicU64,
    right: AtomicU64,
    wrong: AtomicU64,
    latencies: Mutex<Latencies>,
    problems: Mutex<Vec<String>>,
}

/// The results at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) begun: u64,
    pub(crate) right: u64,
    /// Answered by another value than the right one.
    pub(crate) wrong: u64,
    /// Never answered, or by an error.
    pub(crate) lost: u64,
}

/// One thing that is asked for. It is lost unless it comes.
#[must_use = "what is asked for is lost unless it comes"]
pub(crate) struct Begun<'a> {
    tally: &'a Tally,
    at: Instant,
}

impl Tally {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            begun: AtomicU64::new(0),
            right: AtomicU64::new(0),
            wrong: AtomicU64::new(0),
            latencies: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    pub(crate) fn begin(&self) -> Begun<'_> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Begun {
            tally: self,
            at: Instant::now(),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let [right, wrong, begun] = [&self.right, &self.wrong, &self.begun].map(load);
        Counts {
            begun,
            right,
            wrong,
            lost: begun.saturating_sub(right + wrong),
        }
    }

    pub(crate) fn latencies(&self) -> Latencies {
        let latencies = self.latencies.lock();
        latencies.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first things that went wrong.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.problems.lock();
        problems.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says why something is lost or wrong.
    pub(crate) fn note(&self, problem: impl FnOnce() -> String) {
        let problems = self.problems.lock();
        let mut problems = problems.unwrap_or_else(PoisonError::into_inner);
        if problems.len() < SHOWN {
            problems.push(problem());
        }
    }
}

impl Begun<'_> {
    /// The right thing came, just now.
    pub(crate) fn came(self) {
        let latency = self.at.elapsed();
        self.came_after(latency);
    }

    /// The right thing came, and took as long.
    pub(crate) fn came_after(self, latency: Duration) {
        self.tally.right.fetch_add(1, Ordering::Relaxed);
        let latencies = self.tally.latencies.lock();
        latencies
            .unwrap_or_else(PoisonError::into_inner)
            .add(latency);
    }

    /// Something else came.
    pub(crate) fn went_wrong(self, problem: impl FnOnce() -> String) {
        self.tally.wrong.fetch_add(1, Ordering::Relaxed);
        self.tally.note(problem);
    }

    /// It will not come.
    pub(crate) fn got_lost(self, problem: impl FnOnce() -> String) {
        self.tally.note(problem);
    }

    /// Takes the answer for what it is.
    pub(crate) fn answered<T, E>(self, answer: Result<T, E>, expected: &T)
    where
        T: PartialEq + std::fmt::Debug,
        E: std::fmt::Display,
    {
        match answer {
            Ok(value) if value == *expected => self.came(),
            Ok(value) => self.went_wrong(|| format!("{value:?} in place of {expected:?}")),
            Err(error) => self.got_lost(|| error.to_string()),
        }
    }
}
