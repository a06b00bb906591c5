//! Listeners for clients that connect and disconnect.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::host::session::RpcSession;

/// A function that is called with the session of a client that connects or disconnects.
type Listener = Arc<dyn Fn(&RpcSession) + Send + Sync>;

/// The listeners for one kind of event.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<Vec<Listener>>);

impl Listeners {
    pub(crate) fn add(&self, listener: impl Fn(&RpcSession) + Send + Sync + 'static) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(listener));
    }

    /// Calls the listeners in the order in which they were added. If one panics, the others are still called.
    pub(crate) fn notify(&self, session: &RpcSession) {
        let listeners = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(session))).is_err() {
                tracing::warn!(
                    session = session.id(),
                    "a listener for connections panicked"
                );
            }
        }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "{count} listeners")
    }
}
