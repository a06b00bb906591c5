//! The clock of a call that passes layers.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;

use crate::function::invoke::time_limit::TimeLimit;
use crate::mutex::Mutex;

/// Measures the time of a call that passes layers, which may change its limit.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) began: Instant,
    /// The lock is held for one copy or one store.
    limit: Mutex<Option<TimeLimit>>,
    /// Set when the function begins. From then on the function's own guard enforces the limit.
    has_reached_function: AtomicBool,
}

impl Clock {
    pub(super) fn new(limit: Option<TimeLimit>) -> Self {
        Self {
            began: Instant::now(),
            limit: Mutex::new(limit),
            has_reached_function: AtomicBool::new(false),
        }
    }

    pub(super) fn limit(&self) -> Option<TimeLimit> {
        *self.limit.lock()
    }

    pub(super) fn set(&self, limit: Option<TimeLimit>) {
        *self.limit.lock() = limit;
    }

    /// Returns the limit and the time at which it ends for the layers before the function. `None` once the function has begun.
    pub(super) fn end_of_layers(&self) -> Option<(TimeLimit, Instant)> {
        if self.has_reached_function.load(Ordering::Relaxed) {
            return None;
        }
        self.end()
    }

    /// Returns the limit and the time at which it ends.
    pub(super) fn end(&self) -> Option<(TimeLimit, Instant)> {
        let limit = self.limit()?;
        Some((limit, self.began.checked_add(limit.after)?))
    }

    /// Records that the function begins.
    pub(super) fn reach_function(&self) {
        self.has_reached_function.store(true, Ordering::Relaxed);
    }
}
