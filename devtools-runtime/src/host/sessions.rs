//! The open sessions of a context.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard};

use crate::host::permits::SessionPermits;
use crate::host::session::RpcSession;
use crate::host::stats::{Stats, Tally};
use crate::listeners::Listeners;
use crate::mutex::Mutex;
#[cfg(feature = "server")]
use crate::peer::ArrivingBytes;

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    pub(super) last_id: AtomicU64,
    open: Mutex<OpenSessions>,
    pub(crate) permits: SessionPermits,
    #[cfg(feature = "server")]
    pub(crate) arriving: Arc<ArrivingBytes>,
    pub(crate) tally: Tally,
    pub(crate) connected: Listeners<RpcSession>,
    pub(crate) disconnected: Listeners<RpcSession>,
}

#[derive(Debug, Default)]
pub(super) struct OpenSessions {
    pub(super) sessions: BTreeMap<u64, RpcSession>,
    /// The same sessions as a list, made on demand and shared, because broadcasts are more frequent than new clients.
    pub(super) list: Option<Arc<Vec<RpcSession>>>,
}

impl Sessions {
    /// Returns the counters of all sessions, open and ended.
    pub(crate) fn stats(&self) -> Stats {
        let open = self.lock();
        let opened = self.last_id.load(Ordering::Relaxed);
        self.tally
            .stats(opened, open.sessions.values().map(RpcSession::stats))
    }

    /// Returns a number that no session has had.
    pub(crate) fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns the open sessions, in the order they connected.
    pub(crate) fn list(&self) -> Arc<Vec<RpcSession>> {
        let OpenSessions { sessions, list } = &mut *self.lock();
        let list = list.get_or_insert_with(|| Arc::new(sessions.values().cloned().collect()));
        Arc::clone(list)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, OpenSessions> {
        self.open.lock()
    }
}
