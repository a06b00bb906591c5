//! A queue of chunks for one reader, limited in chunks and bytes.
//!
//! The driver of a connection adds chunks as they arrive and never waits; the reader takes them out in its own task. A
//! chunk over the limits ends the stream or replaces the oldest one. The reader gets an error in both cases.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;

use crate::mutex::Mutex;
use crate::protocol::streaming::Room;
use crate::streaming::error::StreamError;

/// The largest number of bytes that a frame has besides its arguments.
const ENVELOPE: usize = 64;

/// A queue of chunks for one reader, limited in chunks and bytes.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<QueueState<T>>,
    bounds: QueueLimits,
    order: Order,
    /// Notified when chunks were taken out.
    taken: Notify,
}

/// The limits of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueueLimits {
    pub(super) chunks: usize,
    pub(super) bytes: usize,
    /// Whether a chunk over the limits replaces the oldest one. Otherwise the stream ends.
    pub(super) drop_oldest: bool,
}

/// The meaning of a chunk whose number is not the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Chunks arrive in order, so the chunks in between are missing.
    AsSent,
    /// Chunks may arrive out of order, because over server-sent events each is a request of its own ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)). The chunks in
    /// between will follow.
    Mixed,
}

#[derive(Debug)]
struct QueueState<T> {
    items: VecDeque<QueuedItem<T>>,
    chunks: usize,
    bytes: usize,
    /// The number of the last chunk that arrived. `None` while the first number of the stream is unknown.
    last: Option<u64>,
    early: BTreeMap<u64, QueuedItem<T>>,
    ended: bool,
    waker: Option<Waker>,
}

/// An item for the reader: a chunk or an error.
#[derive(Debug)]
pub(super) struct QueuedItem<T> {
    pub(super) item: Result<T, StreamError>,
    /// The size of its frame in bytes; 0 if there was no frame.
    pub(super) size: usize,
}

/// The result of putting a chunk into a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// The chunk waits to be read.
    Queued,
    /// The queue already had the chunk, or the stream has ended.
    Old,
    /// The queue was full, so the stream has ended.
    Overflow,
}

/// Returns the largest number of bytes that a message with arguments of this size can have.
pub(super) fn size_of_message(arguments: usize) -> usize {
    arguments.saturating_add(ENVELOPE)
}

impl<T> Queue<T> {
    pub(super) fn new(bounds: QueueLimits, order: Order) -> Self {
        Self {
            state: Mutex::new(QueueState {
                items: VecDeque::new(),
                chunks: 0,
                bytes: 0,
                last: (order == Order::Mixed).then_some(0),
                early: BTreeMap::new(),
                ended: false,
                waker: None,
            }),
            bounds,
            order,
            taken: Notify::new(),
        }
    }

    /// Returns the number of the last chunk that arrived, or 0 if none did.
    #[cfg(feature = "client")]
    pub(super) fn last(&self) -> u64 {
        self.state.lock().last.unwrap_or(0)
    }

    /// Returns the number of waiting chunks.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().chunks
    }

    /// Returns the number of waiting bytes.
    #[cfg(feature = "client")]
    pub(super) fn waiting_bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// Returns whether the queue would take the chunk of this number.
    pub(super) fn wants(&self, seq: u64) -> bool {
        let state = self.state.lock();
        !state.ended && state.last.is_none_or(|last| seq > last)
    }

    /// Adds a chunk whose frame has this size.
    pub(super) fn push(&self, seq: u64, item: Result<T, StreamError>, size: usize) -> Pushed {
        let mut state = self.state.lock();
        let size = size.max(1);
        if state.ended || state.last.is_some_and(|last| seq <= last) {
            return Pushed::Old;
        }
        if !self.make_room(&mut state) {
            state.early.clear();
            state.finish(Some(StreamError::Overflow));
            return Pushed::Overflow;
        }
        let expected = state.last.map_or(seq, |last| last.saturating_add(1));
        state.chunks += 1;
        state.bytes += size;
        if self.order == Order::Mixed && seq != expected {
            // The same chunk arrived twice. The first copy, which may have had another size, no longer counts.
            if let Some(first) = state.early.insert(seq, QueuedItem { item, size }) {
                state.chunks -= 1;
                state.bytes -= first.size;
            }
            return Pushed::Queued;
        }
        state.skip(seq - expected);
        state.last = Some(seq);
        state.items.push_back(QueuedItem { item, size });
        while let Some(item) = state.take_early() {
            state.items.push_back(item);
        }
        state.wake();
        Pushed::Queued
    }

    /// Notes that the server continues after chunk `seq`, although chunks after `after` were requested. The reader gets an
    /// error for the missing chunks in between.
    pub(super) fn begin_after(&self, after: u64, seq: u64) {
        let mut state = self.state.lock();
        match state.last {
            Some(last) if seq > last => {
                state.skip(seq - last);
                state.last = Some(seq);
                state.wake();
            }
            // The other side has started the stream again and counts from 1.
            Some(_) if seq < after => {
                state.items.push_back(QueuedItem {
                    item: Err(StreamError::Restarted),
                    size: 0,
                });
                state.last = Some(seq);
                state.wake();
            }
            Some(_) => {}
            None => state.last = Some(seq),
        }
    }

    /// Ends the stream. The chunks that have arrived can still be read, and after them the error, if there is one.
    pub(super) fn end(&self, error: Option<StreamError>) {
        let mut state = self.state.lock();
        while let Some((seq, item)) = state.early.pop_first() {
            let missed = seq - state.last.unwrap_or(0) - 1;
            state.skip(missed);
            state.last = Some(seq);
            state.items.push_back(item);
        }
        state.finish(error);
    }

    /// Returns whether the stream has ended.
    pub(super) fn is_ended(&self) -> bool {
        self.state.lock().ended
    }

    /// Takes the next item out. Returns `None` if the stream has ended and no item is left.
    pub(super) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<QueuedItem<T>>> {
        let mut state = self.state.lock();
        let Some(next) = state.items.pop_front() else {
            if state.ended {
                return Poll::Ready(None);
            }
            match &mut state.waker {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            return Poll::Pending;
        };
        if next.size > 0 {
            state.chunks -= 1;
            state.bytes -= next.size;
        }
        drop(state);
        self.taken.notify_waiters();
        Poll::Ready(Some(next))
    }

    /// Waits until half of the room is free, and returns how much is free. Returns `None` if the stream has ended.
    pub(super) async fn room(&self) -> Option<Room> {
        loop {
            // Registered before the state is read, so that no notification is missed.
            let taken = self.taken.notified();
            {
                let state = self.state.lock();
                if state.ended {
                    return None;
                }
                let chunks = self.bounds.chunks.saturating_sub(state.chunks);
                let bytes = self.bounds.bytes.saturating_sub(state.bytes);
                if chunks > 0
                    && bytes > 0
                    && chunks >= self.bounds.chunks / 2
                    && bytes >= self.bounds.bytes / 2
                {
                    return Some(Room {
                        items: chunks as u64,
                        bytes: bytes as u64,
                    });
                }
            }
            taken.await;
        }
    }

    /// Makes room for a chunk if the limits require it. Returns whether there is room.
    fn make_room(&self, state: &mut QueueState<T>) -> bool {
        let bounds = self.bounds;
        let is_full = |state: &QueueState<T>| {
            state.chunks >= bounds.chunks.max(1) || state.bytes >= bounds.bytes
        };
        if !is_full(state) {
            return true;
        }
        if !bounds.drop_oldest {
            return state.chunks == 0;
        }
        let mut missed = 0_u64;
        while is_full(state) {
            match state.items.pop_front() {
                Some(QueuedItem {
                    item: Err(StreamError::Gap { missed: more }),
                    size: 0,
                }) => missed = missed.saturating_add(more),
                Some(QueuedItem { size, .. }) => {
                    state.chunks -= usize::from(size > 0);
                    state.bytes -= size;
                    missed = missed.saturating_add(1);
                }
                None => break,
            }
        }
        if missed > 0 {
            state.items.push_front(QueuedItem {
                item: Err(StreamError::Gap { missed }),
                size: 0,
            });
        }
        !is_full(state) || state.chunks == 0
    }
}

impl<T> QueueState<T> {
    /// Adds an error for this many missing chunks.
    fn skip(&mut self, missed: u64) {
        if missed > 0 {
            self.items.push_back(QueuedItem {
                item: Err(StreamError::Gap { missed }),
                size: 0,
            });
        }
    }

    /// Takes the next chunk out of those that arrived out of order.
    fn take_early(&mut self) -> Option<QueuedItem<T>> {
        let next = self.last?.checked_add(1)?;
        let item = self.early.remove(&next)?;
        self.last = Some(next);
        Some(item)
    }

    fn finish(&mut self, error: Option<StreamError>) {
        if !self.ended {
            self.ended = true;
            self.items.extend(error.map(|error| QueuedItem {
                item: Err(error),
                size: 0,
            }));
        }
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::{Order, Pushed, Queue, QueueLimits};
    use crate::streaming::error::StreamError;

    const BOUNDS: QueueLimits = QueueLimits {
        chunks: 3,
        bytes: 100,
        drop_oldest: false,
    };

    fn read(queue: &Queue<u64>) -> Vec<String> {
        let mut context = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        while let Poll::Ready(Some(out)) = queue.poll_next(&mut context) {
            read.push(match out.item {
                Ok(chunk) => chunk.to_string(),
                Err(StreamError::Gap { missed }) => format!("gap {missed}"),
                Err(error) => error.to_string(),
            });
        }
        read
    }

    fn push(queue: &Queue<u64>, seqs: impl IntoIterator<Item = u64>) -> Vec<Pushed> {
        let seqs = seqs.into_iter();
        seqs.map(|seq| queue.push(seq, Ok(seq), 1)).collect()
    }

    #[test]
    fn known_chunks_are_ignored_and_missing_ones_are_reported() {
        let queue = Queue::new(BOUNDS, Order::AsSent);
        push(&queue, [5, 6, 6, 5]);
        assert_eq!(read(&queue), ["5", "6"]);
        push(&queue, [9]);
        assert_eq!(read(&queue), ["gap 2", "9"]);
        queue.begin_after(9, 9);
        assert!(read(&queue).is_empty());
        queue.begin_after(9, 12);
        push(&queue, [13]);
        queue.end(None);
        assert_eq!(push(&queue, [14]), [Pushed::Old]);
        assert_eq!(read(&queue), ["gap 3", "13"]);
        assert!(queue.is_ended());
    }

    #[test]
    fn a_reader_that_knows_its_first_chunk_knows_which_ones_it_misses() {
        let queue = Queue::new(BOUNDS, Order::AsSent);
        queue.begin_after(0, 0);
        push(&queue, [4]);
        assert_eq!(read(&queue), ["gap 3", "4"]);
        queue.begin_after(0, 0); // asked for twice, which changes nothing
        queue.begin_after(4, 0);
        push(&queue, [1]);
        assert_eq!(read(&queue)[1..], ["1"]);
    }

    #[test]
    fn chunks_that_overtook_others_wait_for_them() {
        let queue = Queue::new(BOUNDS, Order::Mixed);
        push(&queue, [2, 3]);
        assert!(read(&queue).is_empty());
        push(&queue, [1]);
        assert_eq!(read(&queue), ["1", "2", "3"]);
        push(&queue, [6]);
        queue.end(Some(StreamError::UploadDisconnected));
        assert_eq!(read(&queue)[..2], ["gap 2", "6"]);
    }

    #[test]
    fn a_chunk_that_comes_early_twice_takes_its_room_once() {
        let queue = Queue::new(BOUNDS, Order::Mixed);
        for (seq, size) in [(2, 10), (2, 60), (1, 30)] {
            assert_eq!(queue.push(seq, Ok(seq), size), Pushed::Queued);
        }
        assert_eq!(queue.waiting(), 2);
        #[cfg(feature = "client")]
        assert_eq!(queue.waiting_bytes(), 90);
        assert_eq!(read(&queue), ["1", "2"]);
        assert_eq!(queue.waiting(), 0);
        #[cfg(feature = "client")]
        assert_eq!(queue.waiting_bytes(), 0);
    }

    #[test]
    fn nothing_comes_after_the_largest_number() {
        let queue = Queue::new(BOUNDS, Order::AsSent);
        push(&queue, [1, u64::MAX]);
        let missed = format!("gap {}", u64::MAX - 2);
        assert_eq!(read(&queue), ["1", &*missed, &*u64::MAX.to_string()]);
        assert_eq!(push(&queue, [u64::MAX, 1]), [Pushed::Old; 2]);
    }

    #[test]
    fn over_the_limits_the_stream_ends() {
        let queue = Queue::new(BOUNDS, Order::AsSent);
        let pushed = push(&queue, 1..=5);
        assert_eq!(pushed[2..], [Pushed::Queued, Pushed::Overflow, Pushed::Old]);
        let read = read(&queue);
        assert_eq!(read[..3], ["1", "2", "3"]);
        assert_eq!(read.len(), 4);

        let queue = Queue::new(BOUNDS, Order::AsSent);
        // A chunk larger than the whole queue is accepted, and none behind it.
        assert_eq!(queue.push(1, Ok(1), 1000), Pushed::Queued);
        assert_eq!(queue.push(2, Ok(2), 1), Pushed::Overflow);
    }

    #[test]
    fn over_the_limits_the_oldest_chunk_is_replaced() {
        let drop_oldest = QueueLimits {
            drop_oldest: true,
            ..BOUNDS
        };
        let queue = Queue::new(drop_oldest, Order::AsSent);
        push(&queue, 1..=10);
        assert_eq!(read(&queue), ["gap 7", "8", "9", "10"]);
    }

    #[tokio::test]
    async fn room_is_given_once_half_of_it_is_free() {
        let bounds = QueueLimits {
            chunks: 4,
            ..BOUNDS
        };
        let queue = Queue::new(bounds, Order::AsSent);
        assert_eq!(queue.room().await.map(|room| room.items), Some(4));
        push(&queue, 1..=4);
        let mut context = Context::from_waker(Waker::noop());
        let mut room = std::pin::pin!(queue.room());
        assert!(room.as_mut().poll(&mut context).is_pending());
        let _ = queue.poll_next(&mut context);
        assert!(room.as_mut().poll(&mut context).is_pending());
        let _ = queue.poll_next(&mut context);
        assert_eq!(room.await.map(|room| room.items), Some(2));
        queue.end(None);
        assert_eq!(queue.room().await, None);
    }
}
