//! The calls of one connection that still wait for their reply.
//!
//! Two parties meet here. A caller adds an entry with [`PendingCalls::insert`] and awaits the
//! [`PendingCall`] it gets back; the connection's driver fills entries in as replies arrive. A caller
//! that gives up drops its `PendingCall`, which takes the entry out again.
//!
//! The table is behind a [`std::sync::Mutex`]: every critical section is a map operation, and none
//! of them awaits. Code outside this module never sees the lock.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hashbrown::HashMap;
use tokio::sync::oneshot;

use crate::peer::reply::Reply;

#[derive(Debug, Default)]
pub(crate) struct PendingCalls {
    waiting: Mutex<Waiting>,
}

/// Ids count through the whole process: a broadcast uses one for all its peers.
static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// An id that no call has had.
pub(crate) fn next_id() -> u64 {
    LAST_ID.fetch_add(1, Ordering::Relaxed) + 1
}

#[derive(Debug)]
enum Waiting {
    Open(HashMap<u64, oneshot::Sender<Reply>>),
    /// The connection is closed: nothing waits for a reply that cannot come.
    Closed,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::Open(HashMap::new())
    }
}

/// A call that waits. Resolves to its reply, or to `None` once none can come.
#[derive(Debug)]
pub(crate) struct PendingCall {
    id: u64,
    calls: Arc<PendingCalls>,
    reply: oneshot::Receiver<Reply>,
}

impl PendingCalls {
    /// Waits for the reply of call `id`; `None` if the connection is closed.
    pub(crate) fn insert(self: &Arc<Self>, id: u64) -> Option<PendingCall> {
        let (sender, reply) = oneshot::channel();
        match &mut *self.lock() {
            Waiting::Open(waiting) => waiting.insert(id, sender),
            Waiting::Closed => return None,
        };
        Some(PendingCall {
            id,
            calls: Arc::clone(self),
            reply,
        })
    }

    /// Hands the reply of call `id` to whoever waits for it. A reply nobody waits for is dropped.
    pub(crate) fn complete(&self, id: u64, reply: Reply) {
        let waiting = match &mut *self.lock() {
            Waiting::Open(waiting) => waiting.remove(&id),
            Waiting::Closed => None,
        };
        // Also if the caller gives up in this very moment.
        if waiting.is_none_or(|sender| sender.send(reply).is_err()) {
            tracing::debug!(rpc.id = id, "a reply that nobody waits for was dropped");
        }
    }

    /// Ends all calls that wait, but none made later.
    pub(crate) fn fail_all(&self) {
        if let Waiting::Open(waiting) = &mut *self.lock() {
            waiting.clear();
        }
    }

    /// Ends all calls that wait, and any made later.
    pub(crate) fn close(&self) {
        *self.lock() = Waiting::Closed;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No critical section can leave the map half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingCall {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Future for PendingCall {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Reply>> {
        Pin::new(&mut self.reply).poll(context).map(Result::ok)
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        if let Waiting::Open(waiting) = &mut *self.calls.lock() {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{PendingCalls, Waiting};
    use crate::peer::{Frame, Reply};
    use crate::wire::Encoding;

    fn reply(text: &str) -> Reply {
        Reply::of(Frame::from(text.to_owned()))
    }

    fn waiting(calls: &PendingCalls) -> usize {
        match &*calls.lock() {
            Waiting::Open(waiting) => waiting.len(),
            Waiting::Closed => 0,
        }
    }

    #[tokio::test]
    async fn a_dropped_call_frees_its_slot() {
        let calls = Arc::new(PendingCalls::default());
        let call = calls.insert(1).unwrap();
        assert_eq!(waiting(&calls), 1);
        drop(call);
        assert_eq!(waiting(&calls), 0);
    }

    #[tokio::test]
    async fn a_reply_reaches_its_own_call_only() {
        let calls = Arc::new(PendingCalls::default());
        let (first, second) = (calls.insert(1).unwrap(), calls.insert(2).unwrap());
        calls.complete(second.id(), reply(r#"{"t":"s","i":"2","r":2}"#));
        calls.complete(99, reply(r#"{"t":"s","i":"99","r":99}"#));
        let reply = second.await.unwrap();
        assert_eq!(reply.read::<u8>("f", Encoding::Json).unwrap(), 2);
        assert_eq!(waiting(&calls), 1);
        drop(first);
    }

    #[tokio::test]
    async fn closing_ends_what_waits_and_what_comes_later() {
        let calls = Arc::new(PendingCalls::default());
        let call = calls.insert(1).unwrap();
        calls.close();
        assert!(call.await.is_none());
        assert!(calls.insert(1).is_none());
    }
}
