//! The end of a stream: by its producer, and as a consequence of losing its subscribers, at once or after a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use crate::function::RemoteError;
use crate::peer::{Frame, Peer};
use crate::streaming::message;
use crate::streaming::server::cancellation::CancelReason;
use crate::streaming::server::joining::{AfterLeaving, Leaving};
use crate::streaming::server::stream::StreamCore;

impl StreamCore {
    /// Ends the stream. Has no effect if it has ended.
    pub(super) fn end(self: &Arc<Self>, error: Option<&RemoteError>) {
        self.end_with(message::end(self.channel(), self.id(), error));
    }

    /// Ends the stream with this frame. Has no effect if it has ended.
    pub(super) fn end_with(self: &Arc<Self>, end: Option<Frame>) {
        {
            let mut state = self.state.lock();
            if state.end.is_some() {
                return;
            }
            state.end = end;
            state.timer = None;
            state.offer();
        }
        self.room.notify_waiters();
        if let Some(channel) = self.channel.upgrade() {
            channel.stream_ended(self.id());
        }
        self.settle(None);
    }

    /// Ends the stream with an error if its producer has not ended it.
    pub(super) fn end_dropped(self: &Arc<Self>) {
        let is_open = self.state.lock().end.is_none();
        if is_open {
            let problem = "the producer dropped the stream before it had ended";
            self.end(Some(&RemoteError::named("StreamDropped", problem)));
        }
    }

    /// Applies the consequences after subscribers have left or the stream has ended: wakes writers, cancels the stream when
    /// the last subscriber is gone, and lets the channel remove an ended stream.
    pub(super) fn settle(self: &Arc<Self>, left: Option<Leaving>) {
        self.room.notify_waiters();
        let mut state = self.state.lock();
        state.trim();
        let next = state.next(left, &self.settings.options);
        let (AfterLeaving::Forget { after } | AfterLeaving::Cancel { after, .. }) = next else {
            return;
        };
        let act = move |stream: &Arc<Self>| match next {
            AfterLeaving::Cancel { left, .. } => stream.cancel(left),
            AfterLeaving::Forget { .. } => stream.forget(),
            AfterLeaving::Nothing => {}
        };
        state.timer = None;
        if after.is_zero() {
            drop(state);
            act(self);
        } else {
            state.timer = self.later(after, act);
        }
    }

    /// Tells the producer that no subscriber wants the rest.
    fn cancel(&self, left: Leaving) {
        if self.settings.is_relayed {
            if let Some(channel) = self.channel.upgrade() {
                channel.stream_unread(self.id(), left);
            }
            return;
        }
        self.cancellation.cancel(match left {
            Leaving::Cancelled => CancelReason::Client,
            Leaving::Disconnected | Leaving::Unsubscribed => CancelReason::Disconnected,
        });
    }

    fn forget(&self) {
        if let Some(channel) = self.channel.upgrade() {
            channel.forget_stream(self.id());
        }
    }

    /// Calls `act` after a delay, unless the stream is dropped by then or the returned handle is dropped. Does nothing
    /// without a runtime.
    pub(super) fn later(
        self: &Arc<Self>,
        after: Duration,
        act: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> Option<AbortOnDropHandle<()>> {
        let stream = Arc::downgrade(self);
        let runtime = self.settings.runtime.clone();
        let runtime = runtime.or_else(|| Handle::try_current().ok())?;
        let task = runtime.spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(stream) = stream.upgrade() {
                act(&stream);
            }
        });
        Some(AbortOnDropHandle::new(task))
    }
}

/// Sends the end of a stream that does not exist, to a subscriber that expects an answer.
pub(super) fn end_unknown(peer: &Peer, channel: &str, id: &str) {
    let problem = format!("there is no stream `{id}` in channel `{channel}`");
    let error = RemoteError::named("UnknownStream", problem);
    if let Some(end) = message::end(channel, id, Some(&error)) {
        // A client can cause any number of these frames, so they count toward the limits of its queue.
        peer.send_or_close(end);
    }
}
