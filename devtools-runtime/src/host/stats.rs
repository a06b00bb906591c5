//! What is counted of a context's sessions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::peer::{DetachedCalls, SessionStats};

/// What was counted of a server since it was built, from [`RpcHost::stats`](crate::RpcHost::stats).
///
/// A function may return it: it is written with keys in `camelCase`.
///
/// ```
/// # use devtools_runtime::{DevToolsContext, Stats, rpc_function};
/// #[rpc_function(name = "my-plugin:server-stats")]
/// fn server_stats(ctx: &DevToolsContext) -> Stats {
///     ctx.rpc().stats()
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// Sessions that are open now.
    pub sessions_open: u64,
    /// Sessions that were ever opened.
    pub sessions_opened: u64,
    /// Sessions that were refused because of [`Limits::sessions`](crate::Limits::sessions).
    pub sessions_refused: u64,
    /// Sessions that were closed because their queue was full: [`WhenFull::Close`](crate::WhenFull::Close).
    pub sessions_congested: u64,
    /// Sessions that gave no sign of life for [`Limits::keep_alive`](crate::Limits::keep_alive), and were taken
    /// for dead.
    pub sessions_dead: u64,
    /// Sessions that were closed because they did not sign in: for others that came, or because of
    /// [`UntrustedLimits::sign_in`](crate::UntrustedLimits::sign_in).
    pub sessions_untrusted: u64,
    /// Actions and events that run now although their clients have left. [`total`](Self::total) does not count them among those
    /// that run.
    pub calls_detached: u64,
    /// The sums over all sessions, those that are open and those that have ended.
    pub total: SessionStats,
}

/// What remains of sessions that are no more, or never were.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    refused: AtomicU64,
    congested: AtomicU64,
    dead: AtomicU64,
    untrusted: AtomicU64,
    pub(crate) detached: DetachedCalls,
    ended: Mutex<SessionStats>,
}

impl Tally {
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn congested(&self) {
        self.congested.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn untrusted(&self) {
        self.untrusted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dead(&self) {
        self.dead.fetch_add(1, Ordering::Relaxed);
    }

    /// A session has ended, of which this was counted.
    pub(crate) fn ended(&self, stats: SessionStats) {
        // No critical section can leave the sums half changed: each is an addition.
        let mut sum = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        sum.add(&stats.ended());
    }

    /// The numbers, with those of the sessions that are `open`.
    pub(crate) fn stats(&self, opened: u64, open: impl Iterator<Item = SessionStats>) -> Stats {
        let mut stats = Stats {
            sessions_open: 0,
            sessions_opened: opened,
            sessions_refused: self.refused.load(Ordering::Relaxed),
            sessions_congested: self.congested.load(Ordering::Relaxed),
            sessions_untrusted: self.untrusted.load(Ordering::Relaxed),
            sessions_dead: self.dead.load(Ordering::Relaxed),
            calls_detached: self.detached.get() as u64,
            total: *self.ended.lock().unwrap_or_else(PoisonError::into_inner),
        };
        for session in open {
            stats.sessions_open += 1;
            stats.total.add(&session);
        }
        stats
    }
}
