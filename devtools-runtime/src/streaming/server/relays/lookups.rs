//! The lookups of streams that are under way, and how many of them a session may cause.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use crate::mutex::Mutex;

/// The number of streams that may be looked for at once because one session has subscribed to them. Beyond that, a stream that this
/// process does not have counts as one that does not exist.
const LOOKUPS_OF_SESSION: usize = 256;

/// The number of lookups that are under way, by session.
#[derive(Debug, Default)]
pub(super) struct Lookups(Mutex<HashMap<u64, usize>>);

/// A lookup that is under way. It has ended when this is dropped.
#[derive(Debug)]
pub(super) struct RelayLookup {
    lookups: Weak<Lookups>,
    session: u64,
}

impl Lookups {
    /// Begins a lookup, unless too many are under way for this session.
    pub(super) fn begin(self: &Arc<Self>, session: u64) -> Option<RelayLookup> {
        let mut lookups = self.0.lock();
        let count = lookups.entry(session).or_default();
        if *count >= LOOKUPS_OF_SESSION {
            return None;
        }
        *count += 1;
        Some(RelayLookup {
            lookups: Arc::downgrade(self),
            session,
        })
    }
}

impl Drop for RelayLookup {
    fn drop(&mut self) {
        let Some(lookups) = self.lookups.upgrade() else {
            return;
        };
        let mut lookups = lookups.0.lock();
        if let Some(count) = lookups.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                lookups.remove(&self.session);
            }
        }
    }
}
