//! One stream of the server: its chunks, and who gets them.
//!
//! A chunk is written once, as a frame, and kept in the [`Log`] for as long as a subscriber has yet to get it or
//! may come late. Each subscriber is a place in the log, and a [`Source`] for the connection it came over: its
//! driver takes the next frame when the transport has room. So how far a subscriber is behind is a difference of
//! two numbers, and a slow one costs the others nothing.
//!
//! The lock is held for moving places and frames, never while a chunk is serialized or anybody waits. What follows
//! from a change for others (a stream without subscribers, one that can be forgotten) is done after it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::function::RemoteError;
use crate::peer::{CloseReason, Frame, LaneRoom, Peer, Source, Unsent};
use crate::protocol::streaming::{From as FromSeq, Room, SubscribeOptions};
use crate::streaming::channel::ChannelCore;
use crate::streaming::log::{Log, Mark};
use crate::streaming::{
    Backpressure, CancelReason, Cancellation, ChannelOptions, WriteError, message,
};
use crate::wire::Encoding;

/// The error that a subscriber's stream ends with that is too slow.
const SLOW: &str = "SlowSubscriber";

/// As many chunks as a subscriber may say it had waiting when it subscribed anew.
const MOST_SURPLUS: u64 = 1 << 16;

/// As many lost subscribers a stream waits for at once.
const MOST_LOST: usize = 1024;

/// A stream.
#[derive(Debug)]
pub(super) struct StreamCore {
    name: Arc<str>,
    id: String,
    options: ChannelOptions,
    frame_bytes: usize,
    channel: Weak<ChannelCore>,
    /// Where its timers run.
    runtime: Option<Handle>,
    pub(super) cancellation: Cancellation,
    /// Held by whoever writes a chunk, so that numbers and order agree. The state is another lock: drivers do
    /// not wait until a chunk is serialized.
    turn: Mutex<()>,
    state: Mutex<State>,
    /// Told when a subscriber has taken chunks, or is gone.
    room: Notify,
}

#[derive(Debug, Default)]
struct State {
    log: Log,
    subscribers: BTreeMap<u64, Subscriber>,
    /// Those whose connection was lost, and who are waited for.
    lost: Vec<Lost>,
    /// The frame that says so, once the stream has ended.
    end: Option<Frame>,
    /// Whether a writer waits for room.
    is_waited_for: bool,
    /// What ends the stream when nobody comes back, or forgets it when nobody comes any more.
    timer: Option<AbortOnDropHandle<()>>,
    counts: Counts,
}

/// What was counted of a stream.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) dropped: u64,
    pub(super) closed: u64,
}

#[derive(Debug)]
struct Subscriber {
    peer: Peer,
    source: Arc<SubscriberSource>,
    /// What it has been sent.
    sent: Mark,
    /// Where the stream was when it subscribed: what is before that does not count as being behind.
    joined: Mark,
    /// Whether the driver of its connection asks for the next frame.
    offered: bool,
    /// Said before the first chunk.
    first: Option<Frame>,
    flow: Option<Flow>,
    reader: Option<u32>,
    /// Whether it is waited for should its connection be lost.
    is_waited_for: bool,
}

/// A subscriber whose connection was lost. Where the policy is to wait, what it has yet to get is kept for it.
#[derive(Debug)]
struct Lost {
    reader: u32,
    /// What it is known to have.
    has: Mark,
    joined: Mark,
    /// Gives it up.
    _timer: Option<AbortOnDropHandle<()>>,
}

/// How much a subscriber takes that says so.
#[derive(Debug)]
struct Flow {
    room: Room,
    /// The sizes of the frames that it was sent and has not taken.
    sizes: VecDeque<usize>,
    bytes: u64,
    /// The last chunk that it is known to have.
    has: u64,
    /// How many chunks it has taken, by its own count.
    taken: u64,
    /// How many of them were sent before it subscribed anew.
    surplus: u64,
}

/// The chunks of a stream for one session.
#[derive(Debug)]
struct SubscriberSource {
    stream: Weak<StreamCore>,
    session: u64,
}

/// A frame that is sent when its turn comes.
pub(super) struct Once(Mutex<Option<Frame>>);

/// Why a session gets no more of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// Its client has cancelled.
    Cancelled,
    /// Its client does not read it any more, and leaves the stream alone.
    Unsubscribed,
    /// The connection has ended.
    Disconnected,
}

/// What a session has taken of its stream.
enum Taken {
    /// As much as there was, or there was room for.
    Some,
    /// Nothing, and it gets nothing more: it is not trusted any more.
    Untrusted,
    /// All of it, to the end.
    All,
}

/// Whether a chunk was taken in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Appended {
    Yes,
    /// A subscriber has no room, and the policy is to wait.
    Full,
}

impl StreamCore {
    pub(super) fn new(channel: &Arc<ChannelCore>, id: String) -> Arc<Self> {
        Arc::new(Self {
            name: Arc::clone(&channel.name),
            id,
            options: channel.options,
            frame_bytes: channel.frame_bytes,
            channel: Arc::downgrade(channel),
            runtime: Handle::try_current().ok().or(channel.runtime.clone()),
            cancellation: Cancellation::default(),
            turn: Mutex::new(()),
            state: Mutex::default(),
            room: Notify::new(),
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// How long a writer waits for a subscriber.
    pub(super) fn patience(&self) -> Duration {
        self.options.patience
    }

    /// Writes a chunk for all subscribers, and for those who come late. Serializes nothing if there are none.
    pub(super) fn append<T: Serialize>(
        self: &Arc<Self>,
        chunk: &T,
    ) -> Result<Appended, WriteError> {
        let _turn = lock(&self.turn);
        let seq = {
            let mut state = lock(&self.state);
            if self.options.backpressure == Backpressure::Wait
                && state
                    .places()
                    .any(|place| self.is_full(state.behind(place)))
            {
                state.is_waited_for = true;
                return Ok(Appended::Full);
            }
            if state.subscribers.is_empty() && state.lost.is_empty() && self.options.replay == 0 {
                state.log.skip();
                return Ok(Appended::Yes);
            }
            state.log.last().seq + 1
        };
        let frame = message::chunk(self.options.encoding, &self.name, &self.id, seq, chunk)
            .map_err(|error| WriteError::Encode(error.into()))?;
        if frame.len() > self.frame_bytes {
            return Err(WriteError::TooLarge {
                size: frame.len(),
                limit: self.frame_bytes,
            });
        }
        let mut state = lock(&self.state);
        state
            .log
            .push(frame, self.options.replay, self.options.replay_bytes);
        let gone = self.hold_back(&mut state);
        for subscriber in state.subscribers.values_mut() {
            subscriber.offer();
        }
        state.trim();
        drop(state);
        self.after_closing(gone);
        Ok(Appended::Yes)
    }

    /// Waits until a subscriber has taken chunks or is gone, if [`append`](Self::append) has found no room.
    pub(super) fn room(&self) -> tokio::sync::futures::Notified<'_> {
        self.room.notified()
    }

    /// Closes the subscribers that have no room.
    pub(super) fn close_full(self: &Arc<Self>) {
        let gone = {
            let mut state = lock(&self.state);
            self.close_if_full(&mut state)
        };
        self.after_closing(gone);
    }

    /// Ends the stream, once.
    pub(super) fn end(self: &Arc<Self>, error: Option<&RemoteError>) {
        {
            let mut state = lock(&self.state);
            if state.end.is_some() {
                return;
            }
            state.end = message::end(&self.name, &self.id, error);
            state.timer = None;
            for subscriber in state.subscribers.values_mut() {
                subscriber.offer();
            }
        }
        self.room.notify_waiters();
        if let Some(channel) = self.channel.upgrade() {
            channel.has_ended(&self.id);
        }
        self.settle(None);
    }

    /// Ends the stream if its producer has not.
    pub(super) fn end_dropped(self: &Arc<Self>) {
        let is_open = lock(&self.state).end.is_none();
        if is_open {
            self.end(Some(&RemoteError {
                name: "StreamDropped".to_owned(),
                ..RemoteError::new("the producer dropped the stream before it had ended")
            }));
        }
    }

    /// Adds a subscriber, or lets one begin again.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        session: u64,
        peer: &Peer,
        options: SubscribeOptions,
    ) {
        let mut state = lock(&self.state);
        state.timer = None;
        let end = state.log.last();
        // Where it was not to count as being behind, if it was here before.
        let known = options
            .reader
            .and_then(|reader| state.take(reader, session));
        let sent = match options.after_seq {
            // Of another stream of this id, before the program was started again.
            after if after > end.seq => state.log.resume(0),
            // What was kept for it may be more than what is kept for all.
            after if known.is_some() => state.log.before(after + 1),
            after => state.log.resume(after),
        };
        let joined = known.unwrap_or(end);
        let flow = options
            .room
            .map(|room| Flow::new(room, sent.seq, &self.options));
        let first = flow.as_ref().and_then(|flow| {
            let (after, seq) = (options.after_seq, sent.seq);
            let from = (&*self.name, &*self.id, after, seq, flow.room);
            message::event::<FromSeq>(Encoding::Json, &from).ok()
        });
        let source = Arc::new(SubscriberSource {
            stream: Arc::downgrade(self),
            session,
        });
        let old = state.subscribers.remove(&session);
        let mut subscriber = Subscriber {
            peer: peer.clone(),
            // Its driver may be asking already, and is to be asked by one source only.
            offered: old.as_ref().is_some_and(|old| old.offered),
            source: old.map_or(source, |old| old.source),
            sent,
            joined,
            first,
            flow,
            reader: options.reader,
            is_waited_for: self.options.backpressure == Backpressure::Wait
                && !self.options.linger_or_default().is_zero(),
        };
        subscriber.offer();
        state.subscribers.insert(session, subscriber);
    }

    /// Hears how many chunks a subscriber has taken.
    pub(super) fn taken(&self, session: u64, items: u64, last: u64) {
        let mut state = lock(&self.state);
        let Some(subscriber) = state.subscribers.get_mut(&session) else {
            return;
        };
        if let Some(flow) = &mut subscriber.flow {
            flow.take(items);
            flow.has = flow.has.max(last.min(subscriber.sent.seq));
            subscriber.offer();
        }
    }

    /// Removes a subscriber.
    pub(super) fn leave(self: &Arc<Self>, session: u64, leaving: Leaving) {
        {
            let mut state = lock(&self.state);
            let Some(left) = state.subscribers.remove(&session) else {
                return;
            };
            // At once: a chunk written in between would find nobody who wants what is kept.
            if leaving == Leaving::Disconnected {
                self.wait_for(&mut state, &left);
            }
        }
        self.settle(Some(leaving));
    }

    /// Keeps what a subscriber has yet to get, if it may come back and writers wait.
    fn wait_for(self: &Arc<Self>, state: &mut State, left: &Subscriber) {
        let linger = self.options.linger_or_default();
        let Some(reader) = left.reader.filter(|_| left.is_waited_for) else {
            return;
        };
        if state.lost.len() >= MOST_LOST {
            return;
        }
        let timer = self.later(linger, move |stream| {
            lock(&stream.state)
                .lost
                .retain(|lost| lost.reader != reader);
            stream.settle(None);
        });
        let lost = Lost {
            reader,
            has: state.log.before(left.has() + 1),
            joined: left.joined,
            _timer: timer,
        };
        state.lost.push(lost);
    }

    /// How many subscribers there are, how many bytes are kept, and what was counted.
    pub(super) fn stats(&self) -> (usize, u64, Counts, bool) {
        let state = lock(&self.state);
        (
            state.subscribers.len(),
            state.log.bytes(),
            state.counts,
            state.end.is_some(),
        )
    }

    /// Takes the next frames for a session out.
    fn take(self: &Arc<Self>, session: u64, room: &mut LaneRoom<'_>) {
        let mut state = lock(&self.state);
        let gone = match state.take_for(session, room) {
            Taken::Some => None,
            Taken::Untrusted => Some(Some(Leaving::Disconnected)),
            Taken::All => Some(None),
        };
        // Half of the room, so that writer and driver do not wake each other for each chunk.
        let wakes = state.is_waited_for
            && !state
                .places()
                .any(|place| self.is_half_full(state.behind(place)));
        if wakes {
            state.is_waited_for = false;
        }
        if state.end.is_some() {
            // Nobody writes any more who would forget what is not wanted.
            state.trim();
        }
        drop(state);
        match gone {
            Some(left) => self.settle(left),
            None if wakes => self.room.notify_waiters(),
            None => {}
        }
    }

    /// Whether as many chunks wait for a subscriber as may.
    fn is_full(&self, (chunks, bytes): (u64, u64)) -> bool {
        chunks >= self.options.queued_chunks.max(1) as u64
            || bytes >= self.options.queued_bytes as u64
    }

    /// Whether more than half of them do.
    fn is_half_full(&self, (chunks, bytes): (u64, u64)) -> bool {
        chunks > self.options.queued_chunks as u64 / 2
            || bytes > self.options.queued_bytes as u64 / 2
    }

    /// Does what the policy says with subscribers for which more waits than may. Whether any was closed.
    fn hold_back(&self, state: &mut State) -> bool {
        match self.options.backpressure {
            Backpressure::Wait => false,
            Backpressure::DropOldest => {
                self.drop_oldest(state);
                false
            }
            Backpressure::CloseSubscriber => {
                // As many as may wait are let wait; it is the next one that is too much.
                let limit = self.options.queued_chunks as u64;
                let bytes_limit = self.options.queued_bytes as u64;
                self.close_if(state, |(chunks, bytes)| {
                    chunks > limit.max(1) || (bytes > bytes_limit && chunks > 1)
                })
            }
        }
    }

    fn drop_oldest(&self, state: &mut State) {
        let State {
            log,
            subscribers,
            counts,
            ..
        } = state;
        let last = log.last();
        let limit = self.options.queued_chunks.max(1) as u64;
        let bytes_limit = self.options.queued_bytes as u64;
        for subscriber in subscribers.values_mut() {
            let (chunks, bytes) = behind(subscriber.sent.max(subscriber.joined), last);
            if chunks <= limit && bytes <= bytes_limit {
                continue;
            }
            let mut next = subscriber
                .sent
                .seq
                .max(subscriber.joined.seq)
                .max(last.seq.saturating_sub(limit));
            // The newest is kept, however large it is.
            while next + 1 < last.seq && last.bytes - log.before(next + 1).bytes > bytes_limit {
                next += 1;
            }
            counts.dropped += next - subscriber.sent.seq;
            subscriber.sent = log.before(next + 1);
        }
    }

    fn close_if_full(&self, state: &mut State) -> bool {
        let last = state.log.last();
        state
            .lost
            .retain(|lost| !self.is_full(behind(lost.has.max(lost.joined), last)));
        self.close_if(state, |waiting| self.is_full(waiting))
    }

    /// Ends the stream for the subscribers for which so much waits.
    fn close_if(&self, state: &mut State, too_slow: impl Fn((u64, u64)) -> bool) -> bool {
        let last = state.log.last();
        let slow = state.subscribers.iter().filter(|(_, subscriber)| {
            too_slow(behind(subscriber.sent.max(subscriber.joined), last))
        });
        let slow: Vec<u64> = slow.map(|(session, _)| *session).collect();
        for session in &slow {
            let Some(subscriber) = state.subscribers.remove(session) else {
                continue;
            };
            state.counts.closed += 1;
            tracing::debug!(
                session,
                channel = &*self.name,
                stream = self.id,
                "a subscriber is too slow"
            );
            let error = RemoteError {
                name: SLOW.to_owned(),
                ..RemoteError::new("the subscriber does not read fast enough")
            };
            if let Some(end) = message::end(&self.name, &self.id, Some(&error)) {
                subscriber.peer.offer(Once::new(end));
            }
        }
        !slow.is_empty()
    }

    fn after_closing(self: &Arc<Self>, any: bool) {
        if any {
            self.settle(Some(Leaving::Disconnected));
        }
    }

    /// Does what is to be done once subscribers are gone: tells the producer when the last one is, and forgets a
    /// stream that is over.
    fn settle(self: &Arc<Self>, left: Option<Leaving>) {
        self.room.notify_waiters();
        let mut state = lock(&self.state);
        state.trim();
        if !state.subscribers.is_empty() {
            return;
        }
        if state.end.is_some() {
            if !state.lost.is_empty() {
                return;
            }
            let retention = self.options.retention_or_default();
            state.timer = None;
            if retention.is_zero() {
                drop(state);
                self.forget();
            } else {
                state.timer = self.later(retention, |stream| stream.forget());
            }
            return;
        }
        match left {
            Some(Leaving::Cancelled) => {
                drop(state);
                self.cancellation.cancel(CancelReason::Client);
            }
            Some(Leaving::Disconnected) => {
                let linger = self.options.linger_or_default();
                let cancel = |stream: &Arc<Self>| {
                    stream.cancellation.cancel(CancelReason::Disconnected);
                };
                if linger.is_zero() {
                    drop(state);
                    cancel(self);
                } else {
                    state.timer = self.later(linger, cancel);
                }
            }
            Some(Leaving::Unsubscribed) | None => {}
        }
    }

    fn forget(&self) {
        if let Some(channel) = self.channel.upgrade() {
            channel.forget(&self.id);
        }
    }

    /// Does something after a while, unless the stream is gone by then or the handle is dropped. Without a runtime
    /// nothing is done.
    fn later(
        self: &Arc<Self>,
        after: Duration,
        what: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> Option<AbortOnDropHandle<()>> {
        let stream = Arc::downgrade(self);
        let runtime = self
            .runtime
            .clone()
            .or_else(|| Handle::try_current().ok())?;
        let task = runtime.spawn(async move {
            tokio::time::sleep(after).await;
            if let Some(stream) = stream.upgrade() {
                what(&stream);
            }
        });
        Some(AbortOnDropHandle::new(task))
    }
}

impl State {
    /// Forgets the chunks that nobody wants.
    fn trim(&mut self) {
        // What is on its way to a subscriber is kept until it has it: its connection may be lost.
        let there = self.subscribers.values().map(Subscriber::has);
        let lost = self.lost.iter().map(|it| it.has.seq);
        let has = there.chain(lost).min();
        self.log.trim(has.map_or(u64::MAX, |has| has + 1));
    }

    /// Takes the place of a reader that has come back, in `session`: where it joined. Its old connection may be gone
    /// without anybody having noticed.
    fn take(&mut self, reader: u32, session: u64) -> Option<Mark> {
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

    /// Where the subscribers are, also those that are waited for; what was before they came does not count.
    fn places(&self) -> impl Iterator<Item = Mark> {
        let there = self.subscribers.values().map(|it| it.sent.max(it.joined));
        let lost = self.lost.iter().map(|it| it.has.max(it.joined));
        there.chain(lost)
    }

    fn behind(&self, place: Mark) -> (u64, u64) {
        behind(place, self.log.last())
    }

    /// Takes the next frames for a session out. A subscriber who gets nothing more is removed.
    fn take_for(&mut self, session: u64, room: &mut LaneRoom<'_>) -> Taken {
        let Some(subscriber) = self.subscribers.get_mut(&session) else {
            return Taken::Some;
        };
        if !subscriber.peer.is_open() {
            // Its trust was taken back: it hears nothing more (`docs/protocol.md` 4.4).
            self.subscribers.remove(&session);
            return Taken::Untrusted;
        }
        if let Some(first) = subscriber.first.take() {
            room.put(first);
        }
        while !room.is_over() {
            let Some(frame) = self.log.get(subscriber.sent.seq + 1) else {
                let Some(end) = &self.end else {
                    subscriber.offered = false;
                    return Taken::Some;
                };
                room.put(end.clone());
                self.subscribers.remove(&session);
                return Taken::All;
            };
            if !subscriber.admits(frame.len()) {
                subscriber.offered = false;
                return Taken::Some;
            }
            subscriber.sent.seq += 1;
            subscriber.sent.bytes += frame.len() as u64;
            room.put(frame.clone());
        }
        Taken::Some
    }
}

impl Mark {
    /// The later of the two.
    fn max(self, other: Self) -> Self {
        if self.seq >= other.seq { self } else { other }
    }
}

/// How many chunks and bytes are between two places.
fn behind(place: Mark, last: Mark) -> (u64, u64) {
    (last.seq - place.seq, last.bytes - place.bytes)
}

impl Subscriber {
    /// The last chunk that it is known to have.
    fn has(&self) -> u64 {
        match &self.flow {
            Some(flow) if self.is_waited_for => flow.has,
            _ => self.sent.seq,
        }
    }

    /// Has the driver of its connection ask for frames.
    fn offer(&mut self) {
        if !std::mem::replace(&mut self.offered, true) {
            self.peer
                .offer(Arc::<SubscriberSource>::clone(&self.source));
        }
    }

    /// Whether it takes a frame of this size now: then that is counted.
    fn admits(&mut self, size: usize) -> bool {
        self.flow.as_mut().is_none_or(|flow| flow.admits(size))
    }
}

impl Flow {
    /// No more is under way than may wait.
    fn new(room: Room, has: u64, options: &ChannelOptions) -> Self {
        Self {
            room: Room {
                items: room.items.min(options.queued_chunks.max(1) as u64),
                bytes: room.bytes.min(options.queued_bytes as u64),
            },
            sizes: VecDeque::new(),
            has,
            bytes: 0,
            taken: 0,
            surplus: 0,
        }
    }

    fn admits(&mut self, size: usize) -> bool {
        let items = self.room.items + self.surplus;
        let is_full = self.sizes.len() as u64 >= items
            || (self.bytes >= self.room.bytes && !self.sizes.is_empty());
        if !is_full {
            self.sizes.push_back(size);
            self.bytes += size as u64;
        }
        !is_full
    }

    fn take(&mut self, taken: u64) {
        let mut more = taken.saturating_sub(self.taken);
        self.taken = self.taken.max(taken);
        while more > 0 {
            let Some(size) = self.sizes.pop_front() else {
                self.surplus = self.surplus.saturating_add(more).min(MOST_SURPLUS);
                return;
            };
            self.bytes -= size as u64;
            more -= 1;
        }
    }
}

impl Source for SubscriberSource {
    fn take(&self, room: &mut LaneRoom<'_>) {
        if let Some(stream) = self.stream.upgrade() {
            stream.take(self.session, room);
        }
    }
}

impl Once {
    pub(super) fn new(frame: Frame) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(frame))))
    }
}

impl Source for Once {
    fn take(&self, room: &mut LaneRoom<'_>) {
        if let Some(frame) = lock(&self.0).take() {
            room.put(frame);
        }
    }
}

/// Ends a stream that is not there, for a subscriber that wants to know.
pub(super) fn end_unknown(peer: &Peer, channel: &str, id: &str) {
    let error = RemoteError {
        name: "UnknownStream".to_owned(),
        ..RemoteError::new(format!("there is no stream `{id}` in channel `{channel}`"))
    };
    if let Some(end) = message::end(channel, id, Some(&error)) {
        answer(peer, end);
    }
}

/// Sends a frame that a client's message has caused. There are as many as it likes, so they go into the queue that is
/// bounded; a client that does not read them is closed.
pub(super) fn answer(peer: &Peer, frame: Frame) {
    if let Err(Unsent::Full(_)) = peer.try_send(frame) {
        peer.close(CloseReason::Congested);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No critical section can leave the value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
