//! The calls that run on although their callers have left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many such calls there are. Cloning gives the same number.
#[derive(Debug, Clone, Default)]
pub(crate) struct DetachedCalls(Arc<AtomicUsize>);

/// The calls that one connection has left behind, as far as they still run. Dropping this takes them out of the number.
#[derive(Debug)]
pub(crate) struct Detached {
    all: DetachedCalls,
    left: usize,
}

impl DetachedCalls {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts the calls of a connection that has ended.
    pub(crate) fn add(&self, calls: usize) -> Detached {
        self.0.fetch_add(calls, Ordering::Relaxed);
        Detached {
            all: self.clone(),
            left: calls,
        }
    }
}

impl Detached {
    /// One of them has ended.
    pub(crate) fn end_one(&mut self) {
        if self.left > 0 {
            self.left -= 1;
            self.all.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.left, Ordering::Relaxed);
    }
}
