//! Places for sessions: what keeps their number within its limit.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::host::DevToolsContext;

/// How many places are taken.
#[derive(Debug, Default)]
pub(crate) struct Places(AtomicUsize);

/// A place for one session, from when its request is answered until it has ended. Dropping this frees it.
#[derive(Debug)]
#[must_use = "dropping a place frees it"]
pub(crate) struct Place(DevToolsContext);

impl DevToolsContext {
    /// A place for a session, unless there are as many as may be. Says so then.
    pub(crate) fn reserve(&self) -> Option<Place> {
        let limit = self.limits().sessions;
        let one_more = |taken: usize| (taken < limit).then_some(taken + 1);
        let places = &self.sessions().places.0;
        let reserved = places.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        if reserved.is_err() {
            self.sessions().tally.refused();
            tracing::warn!(limit, "refused a session: there are `sessions` already");
            return None;
        }
        Some(Place(self.clone()))
    }

    /// A place for a session of the program's own, however many there are.
    #[cfg(feature = "client")]
    pub(crate) fn reserve_anyway(&self) -> Place {
        self.sessions().places.0.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.sessions().places.0.fetch_sub(1, Ordering::Relaxed);
    }
}
