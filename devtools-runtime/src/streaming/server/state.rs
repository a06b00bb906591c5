//! The state of a stream: its chunks, its subscribers, how far behind each is, and the consequences when one leaves.
//!
//! The lock of the stream protects all of it. No function here waits or serializes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;

use crate::peer::{Frame, FrameBatch};
use crate::protocol::streaming::SubscribeOptions;
use crate::streaming::options::{Backpressure, ChannelOptions};
use crate::streaming::server::log::{Log, Position};
use crate::streaming::server::subscriber::{LostSubscriber, Outlet, Subscriber};

/// The number of disconnected subscribers that a stream waits for at once.
const MOST_LOST: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct StreamState {
    log: Log,
    /// The subscribers by session.
    subscribers: BTreeMap<u64, Subscriber>,
    /// The subscribers that have disconnected and may reconnect.
    lost: Vec<LostSubscriber>,
    /// The frame that ends the stream, once it has ended.
    pub(super) end: Option<Frame>,
    /// Whether a writer waits for room.
    writer_waits: bool,
    /// The timer that ends the stream if no subscriber reconnects, or removes an ended stream when its retention is over.
    pub(super) timer: Option<AbortOnDropHandle<()>>,
    pub(super) counts: Counts,
    /// Whether the stream is one of another process.
    is_relayed: bool,
    /// Whether chunks are stored that no subscriber needs, because one is about to join. Only for a stream of another process.
    pub(super) keeps_all: bool,
}

/// The counters of a stream.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) dropped: u64,
    pub(super) closed: u64,
}

/// The way in which a session leaves a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Leaving {
    /// Its client has cancelled the stream.
    Cancelled,
    /// Its client does not read the stream any more, but has not cancelled it.
    Unsubscribed,
    /// The connection has ended, or the stream was closed for it.
    Disconnected,
}

/// The result of handing frames of a stream to a driver.
pub(super) enum Drained {
    /// As many frames as there were, or as fitted into the batch.
    Some,
    /// None, and none will follow: the session is not trusted any more.
    Untrusted,
    /// All frames, including the end of the stream.
    All,
}

/// The consequence for a stream that has lost its subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterLeaving {
    Nothing,
    Forget {
        after: Duration,
    },
    /// The producer is told to stop, unless there is a subscriber again after this time.
    Cancel {
        after: Duration,
        left: Leaving,
    },
}

/// The number of chunks and bytes that a subscriber is behind.
#[derive(Debug, Clone, Copy)]
struct Lag {
    chunks: u64,
    bytes: u64,
}

impl Lag {
    fn between(position: Position, last: Position) -> Self {
        Self {
            chunks: last.seq - position.seq,
            bytes: last.bytes - position.bytes,
        }
    }

    /// Returns whether the subscriber's queue has no room for another chunk.
    fn is_full(self, options: &ChannelOptions) -> bool {
        self.chunks >= options.queued_chunks.max(1) as u64
            || self.bytes >= options.queued_bytes as u64
    }

    /// Returns whether more than half of the subscriber's queue is taken.
    fn is_half_full(self, options: &ChannelOptions) -> bool {
        self.chunks > options.queued_chunks as u64 / 2
            || self.bytes > options.queued_bytes as u64 / 2
    }

    /// Returns whether a subscriber is further behind than the limits allow. The newest chunk never counts, however large
    /// it is.
    fn is_over(self, options: &ChannelOptions) -> bool {
        self.chunks > options.queued_chunks.max(1) as u64
            || (self.bytes > options.queued_bytes as u64 && self.chunks > 1)
    }
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
}

// ---- chunks -------------------------------------------------------------------------------

impl StreamState {
    /// Returns whether a writer has to wait until a subscriber has room.
    pub(super) fn must_wait(&mut self, options: &ChannelOptions) -> bool {
        let waits = options.backpressure == Backpressure::Wait
            && self.lags().any(|lag| lag.is_full(options));
        self.writer_waits |= waits;
        waits
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

    /// Returns whether waiting writers should be woken: when half of the room is free, so that writer and driver do not
    /// wake each other for each chunk.
    pub(super) fn wakes_writers(&mut self, options: &ChannelOptions) -> bool {
        let wakes = self.writer_waits && !self.lags().any(|lag| lag.is_half_full(options));
        self.writer_waits &= !wakes;
        wakes
    }

    /// Returns how far behind the subscribers are, including the disconnected ones that may reconnect.
    fn lags(&self) -> impl Iterator<Item = Lag> {
        let last = self.log.last();
        let connected = self.subscribers.values().map(Subscriber::position);
        let waited_for = self.lost.iter();
        let waited_for = waited_for.map(|lost| lost.received.max(lost.joined));
        connected
            .chain(waited_for)
            .map(move |position| Lag::between(position, last))
    }
}

// ---- subscribers that are too slow --------------------------------------------------------

impl StreamState {
    /// Applies the policy to subscribers that are too far behind. Returns those that are removed.
    pub(super) fn hold_back(&mut self, options: &ChannelOptions) -> Vec<(u64, Subscriber)> {
        match options.backpressure {
            Backpressure::Wait => Vec::new(),
            Backpressure::DropOldest => {
                self.drop_oldest(options);
                Vec::new()
            }
            Backpressure::CloseSubscriber => self.remove_slow(|lag, _| lag.is_over(options)),
        }
    }

    /// Removes the subscribers whose queue is full, including disconnected ones. Returns those that are connected.
    ///
    /// Another process is not removed: it waits for its own subscribers as this one does, and closes those that are too slow.
    pub(super) fn remove_full(&mut self, options: &ChannelOptions) -> Vec<(u64, Subscriber)> {
        let last = self.log.last();
        self.lost
            .retain(|lost| !Lag::between(lost.received.max(lost.joined), last).is_full(options));
        self.remove_slow(|lag, it| !it.is_process() && lag.is_full(options))
    }

    fn remove_slow(
        &mut self,
        is_slow: impl Fn(Lag, &Subscriber) -> bool,
    ) -> Vec<(u64, Subscriber)> {
        let last = self.log.last();
        let slow = self.subscribers.iter();
        let slow = slow.filter(|(_, it)| is_slow(Lag::between(it.position(), last), it));
        let slow: Vec<u64> = slow.map(|(session, _)| *session).collect();
        let slow: Vec<_> = slow
            .into_iter()
            .filter_map(|session| self.subscribers.remove_entry(&session))
            .collect();
        self.counts.closed += slow.len() as u64;
        slow
    }

    fn drop_oldest(&mut self, options: &ChannelOptions) {
        let last = self.log.last();
        let limit = options.queued_chunks.max(1) as u64;
        let bytes_limit = options.queued_bytes as u64;
        for subscriber in self.subscribers.values_mut() {
            let position = subscriber.position();
            let lag = Lag::between(position, last);
            if lag.chunks <= limit && lag.bytes <= bytes_limit {
                continue;
            }
            let before = subscriber.sent.seq;
            let mut next = position.seq.max(last.seq.saturating_sub(limit));
            // The newest chunk is never dropped, however large it is.
            while next + 1 < last.seq && last.bytes - self.log.before(next + 1).bytes > bytes_limit
            {
                next += 1;
            }
            subscriber.sent = self.log.before(next + 1);
            match &mut subscriber.flow {
                // Whether they are missing there is known when the process asks again.
                Some(flow) if matches!(subscriber.outlet, Outlet::Process(_)) => {
                    flow.received = subscriber.sent.seq;
                }
                _ => self.counts.dropped += next - before,
            }
        }
    }
}

// ---- reading by other processes -----------------------------------------------------------

/// The next chunks for another process.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The frames of chunks with consecutive numbers.
    pub(crate) frames: Vec<Frame>,
    /// The number of the last of them. Without any, it is the position of the reader.
    pub(crate) through: u64,
    /// The number of the last chunk of the stream. In the first batch, the number of the last chunk at the time when the reader joined.
    pub(crate) last: u64,
    /// The frame that ends the stream, if no chunk follows.
    pub(crate) end: Option<Frame>,
}

impl StreamState {
    /// Returns the next frames for another process, of about `bytes` bytes and at least one. It has received the chunks up to
    /// `after`, which is `None` when it begins. Returns `None` if it is not a subscriber.
    pub(super) fn read(&mut self, session: u64, after: Option<u64>, bytes: usize) -> Option<Batch> {
        let Self {
            log,
            subscribers,
            end,
            counts,
            ..
        } = self;
        let subscriber = subscribers.get_mut(&session)?;
        if let Some(after) = after {
            // The last answer may be lost, and then the same chunks are asked for again.
            subscriber.sent = log.before(after.saturating_add(1));
            counts.dropped += subscriber.sent.seq.saturating_sub(after);
            if let Some(flow) = &mut subscriber.flow {
                flow.received = flow.received.max(after);
            }
        }
        let end_of_log = log.last().seq;
        let mut batch = Batch {
            // Chunks that were written since it has joined are new to it.
            last: if after.is_some() {
                end_of_log
            } else {
                subscriber.joined.seq
            },
            ..Batch::default()
        };
        let mut size = 0;
        while let Some((seq, frame)) = log.after(subscriber.sent.seq) {
            let is_next = seq == subscriber.sent.seq + 1;
            if !batch.frames.is_empty() && (!is_next || size + frame.len() > bytes) {
                break;
            }
            size += frame.len();
            subscriber.sent = Position {
                seq,
                bytes: subscriber.sent.bytes + frame.len() as u64,
            };
            batch.frames.push(frame.clone());
        }
        batch.through = subscriber.sent.seq;
        if batch.through == end_of_log && (batch.frames.is_empty() || size < bytes) {
            batch.end.clone_from(end);
        }
        Some(batch)
    }
}

// ---- subscribers that come and go ---------------------------------------------------------

impl StreamState {
    /// Returns the position at which a subscriber starts, and the position from which it counts as being behind.
    pub(super) fn begin(
        &mut self,
        session: u64,
        options: &SubscribeOptions,
        of_channel: &ChannelOptions,
    ) -> (Position, Position) {
        self.timer = None;
        let last = self.log.last();
        let known = options
            .reader
            .and_then(|reader| self.recognize(reader, session));
        let sent = match options.after_seq {
            // The subscriber was reading another stream of this id, before the program restarted.
            after if after > last.seq => self.log.resume(0),
            // The stream may have stored more for this subscriber than for others. The one of another process has waited for
            // those chunks.
            after if known.is_some() || (self.is_relayed && after > 0) => {
                self.log.before(after + 1)
            }
            after => self.log.resume(after),
        };
        // A reader that has come from another process is waited for from where it is, as it was there.
        let waits = options.reader.is_some() && of_channel.backpressure == Backpressure::Wait;
        let joined = if self.is_relayed && waits && options.after_seq > 0 {
            sent
        } else {
            last
        };
        (sent, known.unwrap_or(joined))
    }

    /// Returns the position at which another process starts that has the chunks up to `after`, and the position from which it
    /// counts as being behind. It gets the chunks for late subscribers in any case, because it has subscribers of its own.
    pub(super) fn begin_process(&mut self, after: u64) -> (Position, Position) {
        self.timer = None;
        let last = self.log.last();
        let late = self.log.resume(0);
        let sent = match after {
            0 => late,
            after if after > last.seq => late,
            after => self.log.before(after + 1).min(late),
        };
        (sent, last)
    }

    /// Adds a subscriber, in place of the session's former one.
    pub(super) fn add(&mut self, session: u64, mut subscriber: Subscriber) {
        if let Some(old) = self.subscribers.remove(&session) {
            // The driver may have the source already, and must not get it twice.
            subscriber.outlet = old.outlet;
        }
        subscriber.offer();
        self.subscribers.insert(session, subscriber);
    }

    pub(super) fn get(&mut self, session: u64) -> Option<&mut Subscriber> {
        self.subscribers.get_mut(&session)
    }

    pub(super) fn remove(&mut self, session: u64) -> Option<Subscriber> {
        self.subscribers.remove(&session)
    }

    /// Returns the number of the reader if the stream stores chunks for it after its connection was lost.
    pub(super) fn waits_for(&self, left: &Subscriber) -> Option<u32> {
        let reader = left.reader.filter(|_| left.is_waited_for)?;
        (self.lost.len() < MOST_LOST).then_some(reader)
    }

    /// Stores chunks for a subscriber that was removed, until `timer` ends.
    pub(super) fn keep_for(
        &mut self,
        reader: u32,
        left: &Subscriber,
        timer: Option<AbortOnDropHandle<()>>,
    ) {
        self.lost.push(LostSubscriber {
            reader,
            received: self.log.before(left.received() + 1),
            joined: left.joined,
            _timer: timer,
        });
    }

    /// Stops waiting for a disconnected reader.
    pub(super) fn give_up(&mut self, reader: u32) {
        self.lost.retain(|lost| lost.reader != reader);
    }

    /// Returns whether a reader is connected here, or may reconnect.
    pub(super) fn knows(&self, reader: u32) -> bool {
        let mut subscribers = self.subscribers.values();
        self.lost.iter().any(|lost| lost.reader == reader)
            || subscribers.any(|subscriber| subscriber.reader == Some(reader))
    }

    /// Removes a reader that has connected to another process with the chunks up to `after`. One that has come back since has more.
    pub(super) fn moved(&mut self, reader: u32, after: u64) {
        self.lost
            .retain(|lost| lost.reader != reader || lost.received.seq > after);
        self.subscribers
            .retain(|_, it| it.reader != Some(reader) || it.received() >= after);
    }

    /// Removes the former subscriber of a reader that subscribes again, and returns where it had joined. Its old connection
    /// may be lost without the server having noticed.
    fn recognize(&mut self, reader: u32, session: u64) -> Option<Position> {
        let lost = self.lost.iter().position(|lost| lost.reader == reader);
        if let Some(lost) = lost {
            return Some(self.lost.swap_remove(lost).joined);
        }
        let mut others = self.subscribers.iter();
        let (other, _) = others
            .find(|(other, subscriber)| **other != session && subscriber.reader == Some(reader))?;
        let other = *other;
        Some(self.subscribers.remove(&other)?.joined)
    }

    /// Returns the consequence after a subscriber has left, or after the stream has ended.
    pub(super) fn next(&self, left: Option<Leaving>, options: &ChannelOptions) -> AfterLeaving {
        if !self.subscribers.is_empty() {
            return AfterLeaving::Nothing;
        }
        if self.end.is_some() {
            let after = options.retention_or_default();
            return if self.lost.is_empty() {
                AfterLeaving::Forget { after }
            } else {
                AfterLeaving::Nothing
            };
        }
        match left {
            Some(left @ Leaving::Cancelled) => AfterLeaving::Cancel {
                after: Duration::ZERO,
                left,
            },
            Some(left @ Leaving::Disconnected) => AfterLeaving::Cancel {
                after: options.linger_or_default(),
                left,
            },
            // The stream goes on where it is produced, but not here.
            Some(left @ Leaving::Unsubscribed) if self.is_relayed => AfterLeaving::Cancel {
                after: Duration::ZERO,
                left,
            },
            Some(Leaving::Unsubscribed) | None => AfterLeaving::Nothing,
        }
    }

    pub(super) fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    /// Returns the number of stored bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.log.bytes()
    }
}
