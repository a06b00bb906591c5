//! One stream of the server: it writes chunks, and holds the sessions that get them.
//!
//! A chunk is serialized once, as a frame, and stays in the log as long as a subscriber has not received it or may join
//! late. Each subscriber is a position in the log and a [`FrameSource`] for its connection, whose driver takes the next
//! frame when the transport has room. So a slow subscriber does not delay the others.
//!
//! The lock of the state is held while positions and frames are moved, never while a chunk is serialized or a task waits.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::function::RemoteError;
use crate::mutex::Mutex;
use crate::peer::{Frame, FrameBatch, FrameSource, Peer};
use crate::protocol::streaming::{From as FromSeq, Room, SubscribeOptions};
use crate::streaming::error::WriteError;
use crate::streaming::message;
use crate::streaming::options::Backpressure;
use crate::streaming::server::cancellation::{CancelReason, Cancellation};
use crate::streaming::server::chunk_writer::ChunkWriter;
use crate::streaming::server::settings::{ChannelSettings, Holder};
use crate::streaming::server::state::{AfterLeaving, Batch, Counts, Drained, Leaving, StreamState};
use crate::streaming::server::subscriber::{Flow, Inquiry, Outlet, Subscriber};
use crate::wire::Encoding;

/// The name of the error that ends the stream of a subscriber that is too slow.
const SLOW: &str = "SlowSubscriber";

/// A stream, without the type of its chunks.
#[derive(Debug)]
pub(super) struct StreamCore {
    id: String,
    settings: ChannelSettings,
    channel: Weak<dyn Holder>,
    pub(super) cancellation: Cancellation,
    /// Held while a chunk is written, so that numbers and order agree. Drivers lock only the state, so they do not wait
    /// while a chunk is serialized.
    writer: Mutex<ChunkWriter>,
    state: Mutex<StreamState>,
    /// Notified when a subscriber has taken chunks, or has left.
    room: Notify,
}

/// The statistics of a stream.
pub(super) struct StreamStats {
    pub(super) subscribers: usize,
    pub(super) bytes: u64,
    pub(super) counts: Counts,
    pub(super) has_ended: bool,
}

/// The chunks of a stream for one session.
#[derive(Debug)]
struct SubscriberSource {
    stream: Weak<StreamCore>,
    session: u64,
}

/// The result of writing a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AppendResult {
    Yes,
    /// The queue of a subscriber is full, and the policy is to wait.
    Full,
}

impl StreamCore {
    pub(super) fn new(
        settings: &ChannelSettings,
        channel: Weak<dyn Holder>,
        id: String,
    ) -> Arc<Self> {
        let writer = ChunkWriter::new(settings.options.encoding, &settings.name, &id);
        Arc::new(Self {
            id,
            settings: ChannelSettings {
                runtime: Handle::try_current().ok().or(settings.runtime.clone()),
                ..settings.clone()
            },
            channel,
            cancellation: Cancellation::default(),
            writer: Mutex::new(writer),
            state: Mutex::new(StreamState::new(settings.is_relayed)),
            room: Notify::new(),
        })
    }

    pub(super) fn channel(&self) -> &str {
        &self.settings.name
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns whether there is a subscriber.
    pub(super) fn is_read(&self) -> bool {
        self.state.lock().subscribers() > 0
    }

    /// Returns the largest frame, in bytes.
    pub(super) fn frame_bytes(&self) -> usize {
        self.settings.frame_bytes
    }

    /// Returns how long a writer waits for a subscriber.
    pub(super) fn patience(&self) -> Duration {
        self.settings.options.patience
    }

    /// Writes a chunk for all subscribers, and for those that join late. Serializes nothing if there can be none.
    pub(super) fn append<T: Serialize>(
        self: &Arc<Self>,
        chunk: &T,
    ) -> Result<AppendResult, WriteError> {
        let options = &self.settings.options;
        let mut writer = self.writer.lock();
        let seq = {
            let mut state = self.state.lock();
            if state.must_wait(options) {
                return Ok(AppendResult::Full);
            }
            match state.next_seq(options) {
                Some(seq) => seq,
                None => return Ok(AppendResult::Yes),
            }
        };
        let frame = writer
            .write(seq, chunk)
            .map_err(|error| WriteError::Encode(error.into()))?;
        let (size, limit) = (frame.len(), self.settings.frame_bytes);
        if size > limit {
            return Err(WriteError::TooLarge { size, limit });
        }
        let closed = {
            let mut state = self.state.lock();
            state.push(frame, options);
            let slow = state.hold_back(options);
            self.tell_slow(&slow);
            state.offer();
            state.trim();
            !slow.is_empty()
        };
        if closed {
            self.settle(Some(Leaving::Disconnected));
        }
        Ok(AppendResult::Yes)
    }

    /// Adds the frames of chunks of another process, whose first has the number `first`, until a subscriber has no room.
    pub(super) fn append_frames(
        self: &Arc<Self>,
        first: &mut u64,
        frames: &mut VecDeque<Frame>,
    ) -> AppendResult {
        let options = &self.settings.options;
        let mut slow = Vec::new();
        let appended = {
            let mut state = self.state.lock();
            let mut appended = AppendResult::Yes;
            while !frames.is_empty() {
                if state.must_wait(options) {
                    appended = AppendResult::Full;
                    break;
                }
                if let Some(frame) = frames.pop_front() {
                    state.push_numbered(*first, frame, options);
                    slow.extend(state.hold_back(options));
                }
                *first += 1;
            }
            self.tell_slow(&slow);
            state.offer();
            state.trim();
            appended
        };
        if !slow.is_empty() {
            self.settle(Some(Leaving::Disconnected));
        }
        appended
    }

    /// Leaves out the chunks up to this number, which this process does not receive.
    pub(super) fn skip_to(&self, seq: u64) {
        self.state.lock().skip_to(seq);
    }

    /// Stores all chunks from now on, until [`joined`](Self::joined), for a subscriber that wants those after `after`. Returns
    /// `false` if the stream has got there.
    pub(super) fn joins_later(&self, after: u64) -> bool {
        let mut state = self.state.lock();
        let is_later = after > state.last();
        state.keeps_all |= is_later;
        is_later
    }

    /// Stores only the chunks that a subscriber needs from now on, and those for late subscribers.
    pub(super) fn joined(&self) {
        self.state.lock().keeps_all = false;
    }

    /// Returns the number of the last chunk.
    pub(super) fn last(&self) -> u64 {
        self.state.lock().last()
    }

    /// Waits until a subscriber has taken chunks or has left, after [`append`](Self::append) has returned `Full`.
    pub(super) fn room(&self) -> tokio::sync::futures::Notified<'_> {
        self.room.notified()
    }

    /// Closes the stream for the subscribers whose queue is full.
    pub(super) fn close_full(self: &Arc<Self>) {
        let closed = {
            let mut state = self.state.lock();
            let slow = state.remove_full(&self.settings.options);
            self.tell_slow(&slow);
            !slow.is_empty()
        };
        if closed {
            self.settle(Some(Leaving::Disconnected));
        }
    }

    /// Sends the error to subscribers that were removed because they are slow.
    fn tell_slow(&self, slow: &[(u64, Subscriber)]) {
        for (session, subscriber) in slow {
            tracing::debug!(
                session,
                channel = self.channel(),
                stream = self.id,
                "a subscriber is too slow"
            );
            let error = RemoteError::named(SLOW, "the subscriber does not read fast enough");
            if let Some(end) = message::end(self.channel(), &self.id, Some(&error)) {
                subscriber.close(end);
            }
        }
    }

    /// Ends the stream. Has no effect if it has ended.
    pub(super) fn end(self: &Arc<Self>, error: Option<&RemoteError>) {
        self.end_with(message::end(self.channel(), &self.id, error));
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
            channel.stream_ended(&self.id);
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

    /// Adds a subscriber, or restarts one that has subscribed before.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        session: u64,
        peer: &Peer,
        options: SubscribeOptions,
    ) {
        let of_channel = &self.settings.options;
        let source = Arc::new(SubscriberSource {
            stream: Arc::downgrade(self),
            session,
        });
        let mut state = self.state.lock();
        let (sent, joined) = state.begin(session, &options, of_channel);
        let flow = options
            .room
            .map(|room| Flow::new(room, sent.seq, of_channel));
        let first = flow.as_ref().and_then(|flow| {
            let (after, seq) = (options.after_seq, sent.seq);
            let from = (self.channel(), &*self.id, after, seq, flow.room);
            message::event::<FromSeq>(Encoding::Json, &from).ok()
        });
        let outlet = Outlet::Session {
            peer: peer.clone(),
            source,
            offered: false,
        };
        let subscriber = Subscriber {
            outlet,
            sent,
            joined,
            first,
            flow,
            reader: options.reader,
            is_waited_for: of_channel.backpressure == Backpressure::Wait
                && !of_channel.linger_or_default().is_zero(),
        };
        state.add(session, subscriber);
    }

    /// Adds another process as a subscriber. It has the chunks up to `after`, or none.
    pub(super) fn subscribe_process(&self, session: u64, after: u64) -> Arc<Inquiry> {
        let inquiry = Arc::<Inquiry>::default();
        let mut state = self.state.lock();
        let (sent, joined) = state.begin_process(after);
        let unlimited = Room {
            items: u64::MAX,
            bytes: u64::MAX,
        };
        let subscriber = Subscriber {
            outlet: Outlet::Process(Arc::clone(&inquiry)),
            sent,
            joined,
            first: None,
            flow: Some(Flow::new(unlimited, sent.seq, &self.settings.options)),
            reader: None,
            // Its answers may be lost.
            is_waited_for: true,
        };
        state.add(session, subscriber);
        inquiry
    }

    /// Returns the next chunks for another process, which has those up to `after`. Returns `None` if it is not a subscriber.
    pub(super) fn read(
        self: &Arc<Self>,
        session: u64,
        after: Option<u64>,
        bytes: usize,
    ) -> Option<Batch> {
        let mut state = self.state.lock();
        let batch = state.read(session, after, bytes);
        let wakes = state.wakes_writers(&self.settings.options);
        state.trim();
        drop(state);
        if wakes {
            self.room.notify_waiters();
        }
        batch
    }

    /// Notes how many chunks a subscriber has taken.
    pub(super) fn taken(&self, session: u64, items: u64, last: u64) {
        if let Some(subscriber) = self.state.lock().get(session) {
            subscriber.take(items, last);
        }
    }

    /// Returns whether a reader is connected here, or may reconnect.
    pub(super) fn knows(&self, reader: u32) -> bool {
        self.state.lock().knows(reader)
    }

    /// Removes a reader that has connected to another process, so that no chunks are stored for it here.
    pub(super) fn moved(self: &Arc<Self>, reader: u32, after: u64) {
        if self.knows(reader) {
            self.state.lock().moved(reader, after);
            self.settle(Some(Leaving::Disconnected));
        }
    }

    /// Removes a subscriber. If its connection was lost, chunks may be stored until it reconnects.
    pub(super) fn leave(self: &Arc<Self>, session: u64, leaving: Leaving) {
        {
            let mut state = self.state.lock();
            let Some(left) = state.remove(session) else {
                return;
            };
            // Done under the same lock, because a chunk written in between would find no subscriber for the stored chunks,
            // and remove them.
            if leaving == Leaving::Disconnected {
                if let Some(reader) = state.waits_for(&left) {
                    let linger = self.settings.options.linger_or_default();
                    let timer = self.later(linger, move |stream| {
                        stream.state.lock().give_up(reader);
                        stream.settle(None);
                    });
                    state.keep_for(reader, &left, timer);
                }
            }
        }
        self.settle(Some(leaving));
    }

    pub(super) fn stats(&self) -> StreamStats {
        let state = self.state.lock();
        StreamStats {
            subscribers: state.subscribers(),
            bytes: state.bytes(),
            counts: state.counts,
            has_ended: state.end.is_some(),
        }
    }

    /// Gives a driver the next frames for its session.
    fn drain(self: &Arc<Self>, session: u64, batch: &mut FrameBatch<'_>) {
        let mut state = self.state.lock();
        let drained = state.drain(session, batch);
        let wakes = state.wakes_writers(&self.settings.options);
        if state.end.is_some() {
            // No writer is left that would remove the chunks that no subscriber needs.
            state.trim();
        }
        drop(state);
        match drained {
            Drained::Untrusted => self.settle(Some(Leaving::Disconnected)),
            Drained::All => self.settle(None),
            Drained::Some if wakes => self.room.notify_waiters(),
            Drained::Some => {}
        }
    }

    /// Applies the consequences after subscribers have left or the stream has ended: wakes writers, cancels the stream when
    /// the last subscriber is gone, and lets the channel remove an ended stream.
    fn settle(self: &Arc<Self>, left: Option<Leaving>) {
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

    /// Tells the producer that nobody wants the rest.
    fn cancel(&self, left: Leaving) {
        if self.settings.is_relayed {
            if let Some(channel) = self.channel.upgrade() {
                channel.stream_unread(&self.id, left);
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
            channel.forget_stream(&self.id);
        }
    }

    /// Calls `act` after a delay, unless the stream is dropped by then or the returned handle is dropped. Does nothing
    /// without a runtime.
    fn later(
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

impl FrameSource for SubscriberSource {
    fn take(&self, batch: &mut FrameBatch<'_>) {
        if let Some(stream) = self.stream.upgrade() {
            stream.drain(self.session, batch);
        }
    }
}

/// Sends the end of a stream that does not exist, to a subscriber that expects an answer.
pub(super) fn end_unknown(peer: &Peer, channel: &str, id: &str) {
    let problem = format!("there is no stream `{id}` in channel `{channel}`");
    let error = RemoteError::named("UnknownStream", problem);
    if let Some(end) = message::end(channel, id, Some(&error)) {
        // A client can cause any number of these, so they count for the limits of its queue.
        peer.send_or_close(end);
    }
}
