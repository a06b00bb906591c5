//! The calls that still run after their callers have disconnected.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of such calls. Clones share the number.
#[derive(Debug, Clone, Default)]
pub(crate) struct DetachedCalls(Arc<AtomicUsize>);

/// The running calls of one connection that has ended. Dropping this subtracts them from the number.
#[derive(Debug)]
pub(crate) struct Detached {
    all: DetachedCalls,
    left: usize,
}

impl DetachedCalls {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds the running calls of a connection that has ended.
    pub(crate) fn add(&self, calls: usize) -> Detached {
        self.0.fetch_add(calls, Ordering::Relaxed);
        Detached {
            all: self.clone(),
            left: calls,
        }
    }
}

impl Detached {
    /// Subtracts one call, because it has ended.
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
