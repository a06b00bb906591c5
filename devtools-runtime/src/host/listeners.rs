//! Hearing of clients that come and go.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::host::RpcSession;

/// What is called with the session of a client that comes or goes.
type Listener = Arc<dyn Fn(&RpcSession) + Send + Sync>;

/// Who wants to know of one kind of thing.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<Vec<Listener>>);

impl Listeners {
    pub(crate) fn add(&self, listener: impl Fn(&RpcSession) + Send + Sync + 'static) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(listener));
    }

    /// Calls them in the order they were added. One that panics keeps nobody from hearing.
    pub(crate) fn tell(&self, session: &RpcSession) {
        let listeners = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(session))).is_err() {
                tracing::warn!(session = session.id(), "a listener panicked");
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
