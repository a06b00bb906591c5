//! One stream of the server: it writes chunks, and holds the sessions that get them.
//!
//! A chunk is serialized once, as a frame, and stays in the log as long as a subscriber has not received it or may join
//! late. Each subscriber (`subscribing.rs`) is a position in the log and a [`FrameSource`](crate::peer::FrameSource) for its connection, whose
//! driver takes the next frame when the transport has room. So a slow subscriber does not delay the others. `ending.rs` has the end of the
//! stream.
//!
//! The lock of the state is held while positions and frames are moved, never while a chunk is serialized or a task waits.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::function::RemoteError;
use crate::mutex::Mutex;
use crate::peer::Frame;
use crate::streaming::error::WriteError;
use crate::streaming::message;
use crate::streaming::server::cancellation::Cancellation;
use crate::streaming::server::chunk_writer::ChunkWriter;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::settings::{ChannelSettings, Holder};
use crate::streaming::server::state::{Counts, StreamState};
use crate::streaming::server::subscriber::Subscriber;

/// The name of the error that ends the stream of a subscriber that is too slow.
const SLOW: &str = "SlowSubscriber";

/// A stream, without the type of its chunks.
#[derive(Debug)]
pub(super) struct StreamCore {
    id: String,
    pub(super) settings: ChannelSettings,
    pub(super) channel: Weak<dyn Holder>,
    pub(super) cancellation: Cancellation,
    /// Held while a chunk is written, so that numbers and order agree. Drivers lock only the state, so they do not wait
    /// while a chunk is serialized.
    writer: Mutex<ChunkWriter>,
    pub(super) state: Mutex<StreamState>,
    /// Notified when a subscriber has taken chunks, or has left.
    pub(super) room: Notify,
}

/// The statistics of a stream.
pub(super) struct StreamStats {
    pub(super) subscribers: usize,
    pub(super) bytes: u64,
    pub(super) counts: Counts,
    pub(super) has_ended: bool,
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

    pub(super) fn stats(&self) -> StreamStats {
        let state = self.state.lock();
        StreamStats {
            subscribers: state.subscribers(),
            bytes: state.bytes(),
            counts: state.counts,
            has_ended: state.end.is_some(),
        }
    }
}
