//! The counters of a context and its sessions.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::mutex::Mutex;
use crate::peer::{DetachedCalls, SessionStats};

/// The counters of a server since it was built, from [`RpcHost::stats`](crate::context::RpcHost::stats).
///
/// A function may return them; the keys are written in `camelCase`.
///
/// ```
/// # use devtools_runtime::context::Stats;
/// # use devtools_runtime::{DevToolsContext, rpc_function};
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
    /// Sessions that were closed because nothing arrived from them for [`Limits::keep_alive`](crate::Limits::keep_alive).
    pub sessions_dead: u64,
    /// Sessions that were closed because they did not sign in: to make room for others, or after
    /// [`UntrustedLimits::sign_in`](crate::UntrustedLimits::sign_in).
    pub sessions_untrusted: u64,
    /// Actions and events that run now although their clients have disconnected. [`total`](Self::total) does not count them
    /// as running.
    pub calls_detached: u64,
    /// The sums over all sessions, open and ended.
    pub total: SessionStats,
}

/// The counters of sessions that have ended or were refused.
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

    /// Adds the counters of a session that has ended.
    pub(crate) fn ended(&self, stats: SessionStats) {
        let mut sum = self.ended.lock();
        sum.add(&stats.ended());
    }

    /// Returns the counters, including those of the `open` sessions.
    pub(crate) fn stats(&self, opened: u64, open: impl Iterator<Item = SessionStats>) -> Stats {
        let mut stats = Stats {
            sessions_open: 0,
            sessions_opened: opened,
            sessions_refused: self.refused.load(Ordering::Relaxed),
            sessions_congested: self.congested.load(Ordering::Relaxed),
            sessions_untrusted: self.untrusted.load(Ordering::Relaxed),
            sessions_dead: self.dead.load(Ordering::Relaxed),
            calls_detached: self.detached.get() as u64,
            total: *self.ended.lock(),
        };
        for session in open {
            stats.sessions_open += 1;
            stats.total.add(&session);
        }
        stats
    }
}
