//! The clock of a call that passes layers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::function::invoke::time_limit::TimeLimit;

/// How long a call may take, for those who run it and those who change it.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) began: Instant,
    /// The lock is held for a copy or a store.
    limit: Mutex<Option<TimeLimit>>,
    /// The function keeps the limit itself from then on.
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
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, limit: Option<TimeLimit>) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }

    /// When the layers before the function have had their time.
    pub(super) fn end_of_layers(&self) -> Option<(TimeLimit, Instant)> {
        if self.has_reached_function.load(Ordering::Relaxed) {
            return None;
        }
        self.end()
    }

    /// When the call has had its time.
    pub(super) fn end(&self) -> Option<(TimeLimit, Instant)> {
        let limit = self.limit()?;
        Some((limit, self.began.checked_add(limit.after)?))
    }

    /// Notes that the function begins.
    pub(super) fn reach_function(&self) {
        self.has_reached_function.store(true, Ordering::Relaxed);
    }
}
