//! The permits of open sessions, and the eviction of sessions for others.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};

use tokio_util::sync::CancellationToken;

use crate::mutex::Mutex;
use crate::peer::{AccessCell, ConnectionAccess};

/// The permits of all sessions of a context.
#[derive(Debug, Default)]
pub(crate) struct SessionPermits(Mutex<Issued>);

/// The permits that are in use.
#[derive(Debug, Default)]
pub(super) struct Issued {
    pub(super) next: u64,
    /// The issued permits, by a number that increases with each one.
    pub(super) permits: BTreeMap<u64, IssuedPermit>,
    /// The number of evicted sessions that have not ended yet.
    pub(super) leaving: usize,
}

#[derive(Debug)]
pub(super) struct IssuedPermit {
    pub(super) address: Option<IpAddr>,
    pub(super) access: Arc<AccessCell>,
    pub(super) has_asked: Arc<AtomicBool>,
    pub(super) evicted: CancellationToken,
}

impl SessionPermits {
    pub(super) fn lock(&self) -> MutexGuard<'_, Issued> {
        self.0.lock()
    }
}

impl Issued {
    pub(super) fn untrusted(&self) -> impl Iterator<Item = (&u64, &IssuedPermit)> {
        let is_untrusted =
            |(_, it): &(&u64, &IssuedPermit)| it.access.get() == ConnectionAccess::Unauthorized;
        self.permits.iter().filter(is_untrusted)
    }

    /// Evicts up to `count` untrusted sessions that match. Returns how many it evicted.
    pub(super) fn evict(&mut self, count: usize, matches: impl Fn(&IssuedPermit) -> bool) -> usize {
        let matching = self.untrusted().filter(|(_, entry)| matches(entry));
        let mut chosen: Vec<_> = matching
            .map(|(number, entry)| (entry.has_asked.load(Ordering::Relaxed), *number))
            .collect();
        chosen.sort_unstable();
        chosen.truncate(count);
        for (_, number) in &chosen {
            if let Some(entry) = self.permits.remove(number) {
                entry.evicted.cancel();
                self.leaving += 1;
            }
        }
        chosen.len()
    }
}
