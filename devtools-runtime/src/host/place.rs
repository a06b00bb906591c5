//! Places for sessions: what keeps their number within its limits.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::host::descriptors::share_of_descriptors;
use crate::host::{Arrival, DevToolsContext};
use crate::peer::{Access, AccessCell};

/// How many sessions may be about to go for others.
const LEAVING: usize = 1024;

/// The places that are taken.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<Taken>);

/// Every critical section is a look at the entries, and a change of some of them.
#[derive(Debug, Default)]
struct Taken {
    next: u64,
    /// In the order in which they were taken.
    places: BTreeMap<u64, Entry>,
    /// How many are to be free as soon as their sessions have noticed.
    leaving: usize,
}

#[derive(Debug)]
struct Entry {
    address: Option<IpAddr>,
    access: Arc<AccessCell>,
    has_asked: Arc<AtomicBool>,
    evicted: CancellationToken,
}

/// A place for one session, from when its request is answered until it has ended. Dropping this frees it.
#[derive(Debug)]
#[must_use = "dropping a place frees it"]
pub(crate) struct Place {
    context: DevToolsContext,
    number: u64,
    evicted: CancellationToken,
}

impl DevToolsContext {
    /// Reserves a place for a session. If there is none, a session that is not trusted has to go, the oldest one and
    /// preferably one that has not asked for a code. Returns `None`, and logs a warning, if all sessions are trusted.
    pub(crate) fn reserve(&self, arrival: &Arrival) -> Option<Place> {
        let limits = self.limits();
        let untrusted = share_of_descriptors(limits.untrusted.sessions);
        let mut taken = self.sessions().places.lock();
        // It is one itself, until its token is known.
        if arrival.access.get() == Access::Unauthorized {
            if let Some(address) = arrival.address {
                let most = limits.untrusted.sessions_per_address.max(1);
                let same = |entry: &Entry| entry.address == Some(address);
                if taken.strangers().filter(|(_, entry)| same(entry)).count() >= most {
                    taken.evict(1, same);
                }
            }
            if taken.strangers().count() >= untrusted.max(1) {
                taken.evict(1, |_| true);
            }
        }
        let limit = limits.sessions;
        if taken.places.len() >= limit {
            taken.evict(1, |_| true);
        }
        // Those that leave hold a descriptor for a moment, so there must not be any number of them either.
        let is_full = taken.places.len() >= limit || taken.leaving >= share_of_descriptors(LEAVING);
        if is_full {
            drop(taken);
            self.sessions().tally.refused();
            tracing::warn!(limit, "refused a session: there are `sessions` already");
            return None;
        }
        Some(self.take(&mut taken, arrival))
    }

    /// Takes a place for a session of the program's own, however many there are.
    #[cfg(feature = "client")]
    pub(crate) fn reserve_anyway(&self) -> Place {
        self.take(&mut self.sessions().places.lock(), &Arrival::local())
    }

    fn take(&self, taken: &mut Taken, arrival: &Arrival) -> Place {
        let number = taken.next;
        taken.next += 1;
        let evicted = CancellationToken::new();
        let entry = Entry {
            address: arrival.address,
            access: Arc::clone(&arrival.access),
            has_asked: Arc::clone(&arrival.has_asked),
            evicted: evicted.clone(),
        };
        taken.places.insert(number, entry);
        Place {
            context: self.clone(),
            number,
            evicted,
        }
    }

    /// Ends some sessions that are not trusted. Returns how many.
    #[cfg(feature = "server")]
    pub(crate) fn evict_strangers(&self, count: usize) -> usize {
        self.sessions().places.lock().evict(count, |_| true)
    }
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        // No critical section can leave the entries half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn strangers(&self) -> impl Iterator<Item = (&u64, &Entry)> {
        let is_stranger = |(_, it): &(&u64, &Entry)| it.access.get() == Access::Unauthorized;
        self.places.iter().filter(is_stranger)
    }

    /// Ends some sessions that are not trusted and meant. Returns how many.
    fn evict(&mut self, count: usize, is_meant: impl Fn(&Entry) -> bool) -> usize {
        let meant = self.strangers().filter(|(_, entry)| is_meant(entry));
        let mut meant: Vec<_> = meant
            .map(|(number, entry)| (entry.has_asked.load(Ordering::Relaxed), *number))
            .collect();
        meant.sort_unstable();
        meant.truncate(count);
        for (_, number) in &meant {
            if let Some(entry) = self.places.remove(number) {
                entry.evicted.cancel();
                self.leaving += 1;
            }
        }
        meant.len()
    }
}

impl Place {
    /// Returns what is cancelled when the session has to go.
    pub(crate) fn evicted(&self) -> CancellationToken {
        self.evicted.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.context.sessions().places.lock();
        if taken.places.remove(&self.number).is_none() {
            taken.leaving = taken.leaving.saturating_sub(1);
        }
    }
}
