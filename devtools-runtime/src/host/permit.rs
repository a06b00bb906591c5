//! Session permits, which keep the number of sessions within the limits.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::host::arrival::Arrival;
use crate::host::context::DevToolsContext;
use crate::host::descriptors::share_of_descriptors;
use crate::host::permits::{Issued, IssuedPermit};
use crate::peer::ConnectionAccess;

/// The largest number of evicted sessions that have not ended yet.
const LEAVING: usize = 1024;

/// A permit for one session, held from the answer to its request until the session has ended. Dropping it frees the slot.
#[derive(Debug)]
#[must_use = "dropping a permit frees its slot"]
pub(crate) struct SessionPermit {
    context: DevToolsContext,
    number: u64,
    evicted: CancellationToken,
}

impl DevToolsContext {
    /// Reserves one of the [`Limits::sessions`](crate::Limits::sessions) slots. An untrusted session is evicted if all
    /// slots are taken, or if the client is untrusted and the limit of untrusted sessions is reached, in all or for its
    /// address. The oldest one goes first, and sessions that have not asked for a code go before those that have.
    /// Returns `None`, and logs a warning, if all sessions are trusted, or if too many evicted sessions have not ended
    /// yet.
    pub(crate) fn reserve_session(&self, arrival: &Arrival) -> Option<SessionPermit> {
        let limits = self.limits();
        let untrusted = share_of_descriptors(limits.untrusted.sessions);
        let mut issued = self.sessions().permits.lock();
        // The client counts as untrusted until its token is verified.
        if arrival.access.get() == ConnectionAccess::Unauthorized {
            if let Some(address) = arrival.address {
                let most = limits.untrusted.sessions_per_address.max(1);
                let same = |entry: &IssuedPermit| entry.address == Some(address);
                if issued.untrusted().filter(|(_, entry)| same(entry)).count() >= most {
                    issued.evict(1, same);
                }
            }
            if issued.untrusted().count() >= untrusted.max(1) {
                issued.evict(1, |_| true);
            }
        }
        let limit = limits.sessions;
        if issued.permits.len() >= limit {
            issued.evict(1, |_| true);
        }
        // An evicted session holds its file descriptor until it has ended, so the number of evicted sessions is limited
        // too.
        let is_full = issued.permits.len() >= limit;
        let leaving = issued.leaving;
        if is_full || leaving >= share_of_descriptors(LEAVING) {
            drop(issued);
            self.sessions().tally.refused();
            if is_full {
                tracing::warn!(
                    limit,
                    "refused a connection: all slots of the limit `sessions` are taken"
                );
            } else {
                tracing::warn!(
                    leaving,
                    "refused a connection: too many sessions that were closed to make room have not ended"
                );
            }
            return None;
        }
        Some(self.issue(&mut issued, arrival))
    }

    /// Reserves a slot for a client inside the process, whether or not the limit is reached.
    #[cfg(feature = "client")]
    pub(crate) fn reserve_local_session(&self) -> SessionPermit {
        self.issue(&mut self.sessions().permits.lock(), &Arrival::local())
    }

    fn issue(&self, issued: &mut Issued, arrival: &Arrival) -> SessionPermit {
        let number = issued.next;
        issued.next += 1;
        let evicted = CancellationToken::new();
        let entry = IssuedPermit {
            address: arrival.address,
            access: Arc::clone(&arrival.access),
            has_asked: Arc::clone(&arrival.has_asked),
            evicted: evicted.clone(),
        };
        issued.permits.insert(number, entry);
        SessionPermit {
            context: self.clone(),
            number,
            evicted,
        }
    }

    /// Evicts up to `count` untrusted sessions. Returns how many it evicted.
    #[cfg(feature = "server")]
    pub(crate) fn evict_untrusted(&self, count: usize) -> usize {
        self.sessions().permits.lock().evict(count, |_| true)
    }
}

impl SessionPermit {
    /// Returns the token that is cancelled when the session is evicted.
    pub(crate) fn evicted(&self) -> CancellationToken {
        self.evicted.clone()
    }
}

impl Drop for SessionPermit {
    fn drop(&mut self) {
        let mut issued = self.context.sessions().permits.lock();
        if issued.permits.remove(&self.number).is_none() {
            issued.leaving = issued.leaving.saturating_sub(1);
        }
    }
}
