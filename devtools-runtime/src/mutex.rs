//! A mutex that can be locked after a panic.

use std::fmt;
use std::sync::{MutexGuard, PoisonError};

/// A mutex that can be locked after a panic.
///
/// A [`std::sync::Mutex`] refuses its lock once a thread has panicked while it held the lock, because the value may be half changed. In
/// this crate it never is: a critical section is an operation of a collection, or it replaces the value in its last step.
#[derive(Default)]
pub(crate) struct Mutex<T: ?Sized>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock. It is never held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the value of a mutex that nobody else can lock.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
