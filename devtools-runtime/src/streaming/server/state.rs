//! The state of a stream: its chunks and its subscribers.
//!
//! `back_pressure.rs` has what follows if a subscriber is behind, `batch.rs` how other processes read, and `joining.rs` how subscribers
//! join and leave. The lock of the stream protects the state. No function of it waits or serializes.

use std::collections::BTreeMap;

use tokio_util::task::AbortOnDropHandle;

use crate::peer::{Frame, FrameBatch};
use crate::streaming::options::ChannelOptions;
use crate::streaming::server::log::Log;
use crate::streaming::server::subscriber::{LostSubscriber, Outlet, Subscriber};

#[derive(Debug, Default)]
pub(super) struct StreamState {
    pub(super) log: Log,
    /// The subscribers by session.
    pub(super) subscribers: BTreeMap<u64, Subscriber>,
    /// The subscribers that have disconnected and may reconnect.
    pub(super) lost: Vec<LostSubscriber>,
    /// The frame that ends the stream, once it has ended.
    pub(super) end: Option<Frame>,
    /// Whether a writer waits for room.
    pub(super) writer_waits: bool,
    /// The timer that ends the stream if no subscriber reconnects, or removes an ended stream when its retention is over.
    pub(super) timer: Option<AbortOnDropHandle<()>>,
    pub(super) counts: Counts,
    /// Whether the stream is one of another process.
    pub(super) is_relayed: bool,
    /// Whether the stream stores chunks that no subscriber needs, because a subscriber is about to join. Only for a
    /// stream of another process.
    pub(super) keeps_all: bool,
}

/// The counters of a stream.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) dropped: u64,
    pub(super) closed: u64,
}

/// The result of handing frames of a stream to a driver.
pub(super) enum Drained {
    /// Some frames: all that there were, or as many as fit into the batch.
    Some,
    /// No frame, and none will follow, because the session is not trusted any more.
    Untrusted,
    /// All frames, including the end of the stream.
    All,
}

impl StreamState {
    /// Creates the state of a stream. One of another process stores its chunks until the first subscriber has joined.
    pub(super) fn new(is_relayed: bool) -> Self {
        Self {
            is_relayed,
            keeps_all: is_relayed,
            ..Self::default()
        }
    }

    /// Returns the number of the next chunk. Returns `None` if no subscriber can get it: it is counted then, and need not
    /// be serialized.
    pub(super) fn next_seq(&mut self, options: &ChannelOptions) -> Option<u64> {
        if self.subscribers.is_empty() && self.lost.is_empty() && options.replay == 0 {
            self.log.skip();
            return None;
        }
        Some(self.log.last().seq + 1)
    }

    /// Adds a chunk.
    pub(super) fn push(&mut self, frame: Frame, options: &ChannelOptions) {
        self.log.push(frame, options.replay, options.replay_bytes);
    }

    /// Adds the chunk of this number, which another process has. Has no effect if it was added before.
    pub(super) fn push_numbered(&mut self, seq: u64, frame: Frame, options: &ChannelOptions) {
        if seq > self.log.last().seq {
            self.log.skip_to(seq - 1);
            self.push(frame, options);
        }
    }

    /// Leaves out the chunks up to this number.
    pub(super) fn skip_to(&mut self, seq: u64) {
        self.log.skip_to(seq);
    }

    /// Returns the number of the last chunk.
    pub(super) fn last(&self) -> u64 {
        self.log.last().seq
    }

    /// Registers all subscribers that have new frames with their drivers.
    pub(super) fn offer(&mut self) {
        self.subscribers.values_mut().for_each(Subscriber::offer);
    }

    /// Removes the chunks that no subscriber needs.
    pub(super) fn trim(&mut self) {
        if self.keeps_all {
            return;
        }
        // A chunk that was sent is stored until the subscriber has received it, because its connection may be lost.
        let connected = self.subscribers.values().map(Subscriber::received);
        let lost = self.lost.iter().map(|lost| lost.received.seq);
        let received = connected.chain(lost).min();
        self.log.trim(received.map_or(u64::MAX, |seq| seq + 1));
    }

    /// Puts the next frames for a session into `batch`. Removes a subscriber that gets no more frames.
    pub(super) fn drain(&mut self, session: u64, batch: &mut FrameBatch<'_>) -> Drained {
        let Some(subscriber) = self.subscribers.get_mut(&session) else {
            return Drained::Some;
        };
        if matches!(&subscriber.outlet, Outlet::Session { peer, .. } if !peer.is_open()) {
            // Its trust was revoked, so it gets no more frames (`docs/protocol.md` 4.4).
            self.subscribers.remove(&session);
            return Drained::Untrusted;
        }
        if let Some(first) = subscriber.first.take() {
            batch.push(first);
        }
        while !batch.is_full() {
            let Some((seq, frame)) = self.log.after(subscriber.sent.seq) else {
                let Some(end) = &self.end else {
                    subscriber.taken_all();
                    return Drained::Some;
                };
                batch.push(end.clone());
                self.subscribers.remove(&session);
                return Drained::All;
            };
            if !subscriber.admits(frame.len()) {
                subscriber.taken_all();
                return Drained::Some;
            }
            subscriber.sent.seq = seq;
            subscriber.sent.bytes += frame.len() as u64;
            batch.push(frame.clone());
        }
        Drained::Some
    }

    pub(super) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    /// Returns the number of stored bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.log.bytes()
    }
}
