//! The calls of one connection that still wait for their reply.
//!
//! Two parties meet here. A caller adds an entry with [`PendingCalls::insert`] and awaits the
//! [`PendingCall`] it gets back; the connection's driver fills entries in as replies arrive. A caller
//! that gives up drops its `PendingCall`, which takes the entry out again.
//!
//! The table is behind a mutex: every critical section is a map operation, and none
//! of them awaits. Code outside this module never sees the lock.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use hashbrown::HashMap;
use tokio::sync::oneshot;

use crate::function::{CallError, Delivery};
use crate::mutex::Mutex;
use crate::peer::reply::Reply;

#[derive(Debug)]
pub(crate) struct PendingCalls {
    /// `None` once the connection is closed, so that no call can wait for a reply.
    waiting: Mutex<Option<HashMap<u64, PendingEntry>>>,
}

impl Default for PendingCalls {
    fn default() -> Self {
        Self {
            waiting: Mutex::new(Some(HashMap::new())),
        }
    }
}

/// The last id. Ids count through the whole process, because a broadcast uses one id for all its peers.
static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// Returns an id that no call has had.
pub(crate) fn next_id() -> u64 {
    LAST_ID.fetch_add(1, Ordering::Relaxed) + 1
}

/// The entry of one pending call.
#[derive(Debug)]
struct PendingEntry {
    reply: oneshot::Sender<Result<Reply, NoReply>>,
    /// The number of bytes of its request.
    size: usize,
}

/// The reason for which no reply to a call can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoReply {
    /// The connection ended.
    Disconnected(Delivery),
    /// The other side refused the request, which has this size, as too large.
    TooLarge { size: usize },
}

/// The future of a pending call. It resolves to the reply, or to the reason for which none can come.
#[derive(Debug)]
pub(crate) struct PendingCall {
    id: u64,
    calls: Arc<PendingCalls>,
    reply: oneshot::Receiver<Result<Reply, NoReply>>,
    /// Whether the entry was taken out already, because the call has its reply.
    is_over: bool,
}

impl PendingCalls {
    /// Registers call `id`, whose request has `size` bytes. Returns `None` if the connection is closed.
    pub(crate) fn insert(self: &Arc<Self>, id: u64, size: usize) -> Option<PendingCall> {
        let (sender, reply) = oneshot::channel();
        let entry = PendingEntry {
            reply: sender,
            size,
        };
        self.waiting.lock().as_mut()?.insert(id, entry);
        Some(PendingCall {
            id,
            calls: Arc::clone(self),
            reply,
            is_over: false,
        })
    }

    /// Passes the reply of call `id` to its caller, and returns the number of calls that still wait. Drops a reply that no caller waits
    /// for, and returns `None`.
    pub(crate) fn complete(&self, id: u64, reply: Reply) -> Option<usize> {
        let found = match &mut *self.waiting.lock() {
            Some(waiting) => waiting.remove(&id).map(|entry| (entry, waiting.len())),
            None => None,
        };
        // The caller may give up at this very moment, too.
        let passed =
            found.and_then(|(entry, left)| entry.reply.send(Ok(reply)).is_ok().then_some(left));
        if passed.is_none() {
            tracing::debug!(rpc.id = id, "a reply that nobody waits for was dropped");
        }
        passed
    }

    /// Fails call `id`, because its request was not sent and will not be.
    pub(crate) fn not_sent(&self, id: u64) {
        let entry = self.waiting.lock().as_mut().and_then(|it| it.remove(&id));
        if let Some(entry) = entry {
            // The caller may have given up.
            let _ = entry
                .reply
                .send(Err(NoReply::Disconnected(Delivery::NotSent)));
        }
    }

    /// Fails the calls whose requests have this size, because the other side refused a frame of this size as too large.
    ///
    /// The other side does not name the frame. It has accepted all others, so it is the largest one that was sent.
    pub(crate) fn refuse(&self, size: usize) {
        let mut refused = Vec::new();
        if let Some(waiting) = &mut *self.waiting.lock() {
            let ids = waiting.iter().filter(|(_, entry)| entry.size == size);
            let ids: Vec<u64> = ids.map(|(id, _)| *id).collect();
            refused.extend(ids.iter().filter_map(|id| waiting.remove(id)));
        }
        for entry in refused {
            let _ = entry.reply.send(Err(NoReply::TooLarge { size }));
        }
    }

    /// Fails all pending calls, but none that is made later.
    pub(crate) fn fail_all(&self) {
        if let Some(waiting) = &mut *self.waiting.lock() {
            waiting.clear();
        }
    }

    /// Fails all pending calls, and all that are made later.
    pub(crate) fn close(&self) {
        *self.waiting.lock() = None;
    }
}

impl PendingCall {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Future for PendingCall {
    type Output = Result<Reply, NoReply>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(Pin::new(&mut self.reply).poll(context));
        self.is_over = true;
        Poll::Ready(reply.unwrap_or(Err(NoReply::Disconnected(Delivery::MayHaveRun))))
    }
}

impl From<NoReply> for CallError {
    fn from(reason: NoReply) -> Self {
        match reason {
            NoReply::Disconnected(delivery) => Self::Disconnected(delivery),
            NoReply::TooLarge { size } => Self::TooLarge { size, limit: None },
        }
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Some(waiting) = &mut *self.calls.waiting.lock() {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{HashMap, NoReply, PendingCalls};
    use crate::function::Delivery;
    use crate::peer::{Frame, Reply};
    use crate::wire::Encoding;

    fn reply(text: &str) -> Reply {
        Reply::of(Frame::from(text.to_owned()))
    }

    fn waiting(calls: &PendingCalls) -> usize {
        calls.waiting.lock().as_ref().map_or(0, HashMap::len)
    }

    #[tokio::test]
    async fn a_dropped_call_frees_its_slot() {
        let calls = Arc::new(PendingCalls::default());
        let call = calls.insert(1, 9).unwrap();
        assert_eq!(waiting(&calls), 1);
        drop(call);
        assert_eq!(waiting(&calls), 0);
    }

    #[tokio::test]
    async fn a_reply_reaches_its_own_call_only() {
        let calls = Arc::new(PendingCalls::default());
        let (first, second) = (calls.insert(1, 9).unwrap(), calls.insert(2, 9).unwrap());
        let left = calls.complete(second.id(), reply(r#"{"t":"s","i":"2","r":2}"#));
        assert_eq!(left, Some(1));
        let nobody = calls.complete(99, reply(r#"{"t":"s","i":"99","r":99}"#));
        assert_eq!(nobody, None);
        let reply = second.await.unwrap();
        assert_eq!(reply.read::<u8>("f", Encoding::Json).unwrap(), 2);
        assert_eq!(waiting(&calls), 1);
        drop(first);
    }

    #[tokio::test]
    async fn closing_ends_what_waits_and_what_comes_later() {
        let calls = Arc::new(PendingCalls::default());
        let call = calls.insert(1, 9).unwrap();
        calls.close();
        let may_have_run = NoReply::Disconnected(Delivery::MayHaveRun);
        assert_eq!(call.await.unwrap_err(), may_have_run);
        assert!(calls.insert(1, 9).is_none());
    }

    #[tokio::test]
    async fn what_is_too_large_fails_alone() {
        let calls = Arc::new(PendingCalls::default());
        let (small, large) = (calls.insert(1, 9).unwrap(), calls.insert(2, 999).unwrap());
        calls.refuse(999);
        assert_eq!(large.await.unwrap_err(), NoReply::TooLarge { size: 999 });
        assert_eq!(waiting(&calls), 1);
        calls.complete(1, reply(r#"{"t":"s","i":"1","r":2}"#));
        assert!(small.await.is_ok());
    }
}
