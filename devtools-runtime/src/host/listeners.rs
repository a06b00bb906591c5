//! Listeners for events of a context, such as clients that connect and disconnect.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// A function that is called with each event.
type Listener<E> = Arc<dyn Fn(&E) + Send + Sync>;

/// The listeners for one kind of event.
pub(crate) struct Listeners<E>(Mutex<Vec<Listener<E>>>);

impl<E> Default for Listeners<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<E: fmt::Debug> Listeners<E> {
    pub(crate) fn add(&self, listener: impl Fn(&E) + Send + Sync + 'static) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(listener));
    }

    /// Calls the listeners in the order in which they were added. If one panics, the others are still called.
    pub(crate) fn notify(&self, event: &E) {
        let listeners = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(event))).is_err() {
                tracing::warn!(?event, "a listener panicked");
            }
        }
    }
}

impl<E> fmt::Debug for Listeners<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "{count} listeners")
    }
}
