//! The subscribers of a stream that are behind: when a writer waits for them, and which of them are removed or lose chunks.

use crate::streaming::options::{Backpressure, ChannelOptions};
use crate::streaming::server::log::Position;
use crate::streaming::server::state::StreamState;
use crate::streaming::server::subscriber::{Outlet, Subscriber};

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
    /// Returns whether a writer has to wait until a subscriber has room.
    pub(super) fn must_wait(&mut self, options: &ChannelOptions) -> bool {
        let waits = options.backpressure == Backpressure::Wait
            && self.lags().any(|lag| lag.is_full(options));
        self.writer_waits |= waits;
        waits
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
                // The other process may have these chunks already. If not, they are counted as dropped when it asks
                // again.
                Some(flow) if matches!(subscriber.outlet, Outlet::Process(_)) => {
                    flow.received = subscriber.sent.seq;
                }
                _ => self.counts.dropped += next - before,
            }
        }
    }
}
