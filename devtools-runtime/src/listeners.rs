//! Listeners for events, such as clients that connect and disconnect.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::mutex::Mutex;

/// A function that is called with each event.
type Listener<E> = Arc<dyn Fn(&E) + Send + Sync>;

/// The listeners for one kind of event.
pub(crate) struct Listeners<E: ?Sized>(Mutex<Vec<Listener<E>>>);

impl<E: ?Sized> Default for Listeners<E> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<E: fmt::Debug + ?Sized> Listeners<E> {
    pub(crate) fn add(&self, listener: impl Fn(&E) + Send + Sync + 'static) {
        self.0.lock().push(Arc::new(listener));
    }

    /// Calls the listeners in the order in which they were added. If one panics, the others are still called.
    pub(crate) fn notify(&self, event: &E) {
        let listeners = self.0.lock().clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(event))).is_err() {
                tracing::warn!(?event, "a listener panicked");
            }
        }
    }
}

impl<E: ?Sized> fmt::Debug for Listeners<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.lock().len();
        write!(f, "{count} listeners")
    }
}
