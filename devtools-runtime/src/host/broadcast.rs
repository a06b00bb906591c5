//! Calling every client at once.
//!
//! The frame is written once for all. It is handed to each session's queue without waiting, so that no
//! client can hold up another; whoever waits for room, if anybody does, is the broadcast's own future.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::function::{CallError, NotifyError, RpcFunction};
use crate::host::{Audience, RpcSession};
use crate::peer::{BroadcastCall, Caller as _, CloseReason, Enqueue, Unsent, WhenFull, event};

/// What one client answered to a broadcast.
#[non_exhaustive]
pub struct BroadcastReply<F: RpcFunction> {
    /// The client.
    pub session: RpcSession,
    /// Its answer. [`CallError::UnknownFunction`] if it has no such function, [`CallError::Remote`] if that
    /// failed, [`CallError::Timeout`] or [`CallError::Disconnected`] if nothing came back.
    pub result: Result<F::Output, CallError<F::Error>>,
}

impl<F: RpcFunction<Output: fmt::Debug, Error: fmt::Debug>> fmt::Debug for BroadcastReply<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastReply")
            .field("session", &self.session.id())
            .field("result", &self.result)
            .finish()
    }
}

/// An event under way to many: resolves to how many sessions it was queued for.
///
/// Every session that has room has the event already, whether this is polled or not. What is left to wait
/// for is room in the queues of others, and only with [`WhenFull::Wait`].
///
/// # Cancel safety
///
/// Dropping this gives up on the sessions that are waited for: they miss the event, and go on.
#[must_use = "sessions without room get the event while this is awaited, and miss it when it is dropped"]
pub struct Broadcasting {
    reached: usize,
    /// Why it could not even be sent; taken once this has resolved.
    error: Option<NotifyError>,
    waiting: Vec<Enqueue>,
}

impl Future for Broadcasting {
    type Output = Result<usize, NotifyError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(error) = this.error.take() {
            return Poll::Ready(Err(error));
        }
        this.waiting.retain_mut(|frame| match frame.poll(context) {
            Poll::Ready(queued) => {
                this.reached += usize::from(queued.is_ok());
                false
            }
            Poll::Pending => true,
        });
        if this.waiting.is_empty() {
            Poll::Ready(Ok(this.reached))
        } else {
            Poll::Pending
        }
    }
}

impl fmt::Debug for Broadcasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting.len();
        write!(f, "an event under way, {waiting} sessions have no room")
    }
}

/// Sends an event to every session. What happens to one without room say its [`Limits`](crate::Limits).
pub(crate) fn broadcast_event<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> Broadcasting {
    let (reached, waiting, error) = match queue::<F>(&audience, arguments, None) {
        Ok((reached, waiting)) => (reached, waiting, None),
        Err(error) => (0, Vec::new(), Some(error)),
    };
    Broadcasting {
        reached,
        error,
        waiting,
    }
}

/// Sends an event to every session, when there is nobody to wait. Returns how many it was queued for.
pub(crate) fn broadcast_at_once<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> Result<usize, NotifyError> {
    queue::<F>(&audience, arguments, Some(WhenFull::Close)).map(|(reached, _)| reached)
}

/// Queues an event for every session that has room. How many have, and what is to wait for the others.
fn queue<F: RpcFunction>(
    audience: &Audience,
    arguments: &F::Args,
    when_full: Option<WhenFull>,
) -> Result<(usize, Vec<Enqueue>), NotifyError> {
    let sessions = audience.sessions();
    if sessions.is_empty() {
        return Ok((0, Vec::new()));
    }
    let event = event::<F>(arguments)?;
    let size = event.len();
    let exceeded = |session: &RpcSession| session.peer().exceeded_by(size);
    if let Some(limit) = sessions.iter().find_map(exceeded) {
        return Err(NotifyError::TooLarge { size, limit });
    }
    let mut reached = 0;
    let mut waiting = Vec::new();
    for session in sessions {
        let peer = session.peer();
        match peer.try_send(event.clone()) {
            Ok(()) => reached += 1,
            Err(Unsent::Closed) => {}
            Err(Unsent::Full(frame)) => match when_full.unwrap_or(peer.limits().when_full) {
                WhenFull::Close => {
                    let reason = CloseReason::Congested;
                    tracing::warn!(session = session.id(), %reason, "closes a session");
                    peer.close(reason);
                }
                WhenFull::Wait => {
                    let mut frame = Enqueue::new(peer.queue(), frame);
                    // Already now it takes its place, so that events arrive in the order they were sent.
                    match frame.poll(&mut Context::from_waker(Waker::noop())) {
                        Poll::Ready(queued) => reached += usize::from(queued.is_ok()),
                        Poll::Pending => waiting.push(frame),
                    }
                }
            },
        }
    }
    Ok((reached, waiting))
}

/// Calls `F` on every session, and collects the answers in the order the sessions connected.
///
/// All requests leave before the first answer is waited for, and every session has the same time.
pub(crate) fn broadcast_call<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> impl Future<Output = Vec<BroadcastReply<F>>> + Send + use<F> {
    let call = BroadcastCall::new::<F>(arguments);
    let send = |session: &RpcSession| (session.clone(), call.begin(session.peer()));
    let begun: Vec<_> = audience.sessions().iter().map(send).collect();
    async move {
        let mut replies = Vec::with_capacity(begun.len());
        for (session, pending) in begun {
            let result = pending.finish::<F>().await;
            replies.push(BroadcastReply { session, result });
        }
        replies
    }
}
