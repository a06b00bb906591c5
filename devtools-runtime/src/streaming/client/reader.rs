//! The client's reader of streams.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use crate::function::RemoteError;
use crate::mutex::Mutex;
use crate::protocol::streaming::{Room, SubscribeOptions, Taken};
use crate::streaming::client::streams::{ClientStreams, NotAdded, StreamInbox, StreamKey};
use crate::streaming::error::StreamError;
use crate::streaming::message::{self, StreamMessage};
use crate::streaming::queue::{Order, Pushed, Queue, QueueLimits, size_of_message};
use crate::wire::Encoding;

/// The options of a [`StreamReader`]: the limits of its queue.
///
/// A Rust server does not send more chunks than these limits allow; the channel's
/// [`backpressure`](crate::streaming::ChannelOptions::backpressure) says what it does with further ones. A JavaScript
/// server sends all chunks at once. If they exceed the limits, the reader gets [`StreamError::Overflow`], and the stream is
/// cancelled.
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::streaming::{ReaderOptions, StreamReader};
///
/// fn log(rpc: &DevToolsRpcClient, id: &str) -> StreamReader<String> {
///     let options = ReaderOptions::new().queued_chunks(64).queued_bytes(1024 * 1024);
///     rpc.streaming().subscribe_with("my-plugin:log", id, options)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing until a stream is subscribed to with them"]
pub struct ReaderOptions {
    chunks: usize,
    bytes: usize,
}

crate::default_is_new!(ReaderOptions);

impl ReaderOptions {
    /// Returns the default options.
    pub const fn new() -> Self {
        Self {
            chunks: 1024,
            bytes: 16 * 1024 * 1024,
        }
    }

    crate::setters! {
        /// Sets the number of chunks that may wait to be read. Default: 1,024.
        pub const fn queued_chunks(chunks: usize) { chunks = chunks }

        /// Sets the number of bytes of frames that may wait to be read. Default: 16 MiB. A chunk is accepted while fewer bytes
        /// wait, so one chunk may exceed the limit. After a reconnect, the same number of bytes may wait once more.
        pub const fn queued_bytes(bytes: usize) { bytes = bytes }
    }
}

/// The reading end of a stream of the server, from
/// [`StreamingClient::subscribe`](crate::streaming::StreamingClient::subscribe): a [`Stream`] of chunks.
///
/// The reader continues after a lost connection as soon as the client has reconnected. It does not keep the client's
/// connection open. Dropping the reader before the stream has ended cancels the stream. The producer sees the cancellation
/// when the last subscriber has cancelled.
///
/// ```no_run
/// # use devtools_runtime::DevToolsRpcClient;
/// # use devtools_runtime::streaming::StreamError;
/// # async fn example(rpc: DevToolsRpcClient, id: &str) -> Result<(), StreamError> {
/// let mut lines = rpc.streaming().subscribe::<String>("my-plugin:log", id);
/// while let Some(line) = lines.next().await {
///     match line {
///         Ok(line) => println!("{line}"),
///         Err(StreamError::Gap { missed }) => println!("… {missed} lines are missing"),
///         Err(error) => return Err(error),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct StreamReader<T> {
    streams: Arc<ClientStreams>,
    inbox: Arc<ReaderInbox<T>>,
    /// Whether the reader is registered with the client. It is not if the client has another reader of the same stream.
    added: bool,
}

struct ReaderInbox<T> {
    key: StreamKey,
    queue: Queue<T>,
    options: ReaderOptions,
    taken: Mutex<TakenCount>,
    /// A random number that is sent to the server, which recognizes the reader by it after a reconnect.
    number: Option<u32>,
}

/// The number of chunks that the program has taken since the last subscription.
#[derive(Debug, Default)]
struct TakenCount {
    chunks: u64,
    /// The number of taken chunks that the server was told of.
    said: u64,
    /// The bytes of the taken chunks that the server was not told of yet.
    unsaid_bytes: usize,
    /// The number of chunks and bytes that the server sends before it waits for a count, if it announces one.
    room: Option<Room>,
}

impl<T: DeserializeOwned + Send + 'static> StreamReader<T> {
    pub(super) fn new(
        streams: &Arc<ClientStreams>,
        key: StreamKey,
        options: ReaderOptions,
    ) -> Self {
        let bounds = QueueLimits {
            // The program may take a chunk at the moment when the number of waiting chunks is sent to the server.
            chunks: options.chunks.max(1).saturating_add(1),
            bytes: options.bytes.saturating_mul(2),
            drop_oldest: false,
        };
        let inbox = Arc::new(ReaderInbox {
            key,
            queue: Queue::new(bounds, Order::AsSent),
            options,
            taken: Mutex::default(),
            // Without randomness there is no number, so the server treats the reader as a new subscriber after a reconnect.
            number: getrandom::u32().ok(),
        });
        let added = streams.add_reader(&inbox.key, Arc::<ReaderInbox<T>>::clone(&inbox));
        match added {
            Ok(()) => {}
            Err(NotAdded::Taken) => inbox.queue.end(Some(StreamError::AlreadySubscribed)),
            Err(NotAdded::Closed) => inbox.queue.end(Some(StreamError::Disconnected)),
        }
        Self {
            streams: Arc::clone(streams),
            inbox,
            added: added.is_ok(),
        }
    }
}

impl<T> StreamReader<T> {
    /// Returns the name of the stream's channel.
    pub fn channel(&self) -> &str {
        &self.inbox.key.0
    }

    /// Returns the stream's id in its channel.
    pub fn id(&self) -> &str {
        &self.inbox.key.1
    }

    /// Returns the next chunk, or `None` when the stream has ended.
    ///
    /// # Errors
    ///
    /// [`StreamError::Failed`] if the producer ended the stream with an error, which is named `UnknownStream` if a Rust
    /// server has no such stream (a JavaScript server says nothing then), [`StreamError::Gap`] where chunks are missing,
    /// [`StreamError::Decode`] for a chunk that is not a `T`, another variant if the stream cannot go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no chunk.
    pub async fn next(&mut self) -> Option<Result<T, StreamError>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Cancels the stream. Dropping the reader does the same.
    pub fn cancel(self) {}

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<T, StreamError>>> {
        let Some(out) = ready!(self.inbox.queue.poll_next(context)) else {
            return Poll::Ready(None);
        };
        if out.size > 0 {
            self.say_taken(out.size);
        }
        Poll::Ready(Some(out.item))
    }

    /// Counts a chunk that was taken. After every quarter of the room, tells the server the count, so that it sends
    /// as many further chunks.
    fn say_taken(&self, size: usize) {
        let chunks = {
            let mut taken = self.inbox.taken.lock();
            taken.chunks += 1;
            taken.unsaid_bytes += size;
            let Some(room) = taken.room else {
                return;
            };
            let is_much = taken.chunks - taken.said >= (room.items / 4).max(1)
                || taken.unsaid_bytes as u64 >= room.bytes / 4;
            if !is_much {
                return;
            }
            taken.said = taken.chunks;
            taken.unsaid_bytes = 0;
            taken.chunks
        };
        let last = self.inbox.queue.last();
        let (channel, id) = &self.inbox.key;
        if let Ok(frame) = message::event::<Taken>(Encoding::Json, &(channel, id, chunks, last)) {
            self.streams.send_by_lane(frame);
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> StreamInbox for ReaderInbox<T> {
    fn subscription(&self) -> SubscribeOptions {
        let mut taken = self.taken.lock();
        *taken = TakenCount::default();
        let waiting = self.queue.waiting();
        let is_full = self.queue.waiting_bytes() >= self.options.bytes;
        let items = if is_full {
            0
        } else {
            self.options.chunks.max(1).saturating_sub(waiting)
        };
        SubscribeOptions {
            after_seq: self.queue.last(),
            room: Some(Room {
                items: items as u64,
                bytes: self.options.bytes as u64,
            }),
            reader: self.number,
        }
    }

    fn begin_after(&self, after: u64, seq: u64, room: Room) {
        self.taken.lock().room = Some(room);
        self.queue.begin_after(after, seq);
    }

    fn chunk(&self, message: &StreamMessage<'_>, size: usize) -> bool {
        let Ok(seq) = message.argument(0).read::<u64>() else {
            tracing::debug!("dropped a chunk without a number");
            return true;
        };
        if !self.queue.wants(seq) {
            return true;
        }
        let chunk = message.argument(1).read::<T>();
        let chunk = chunk.map_err(|error| StreamError::Decode(error.into()));
        self.queue.push(seq, chunk, size_of_message(size)) != Pushed::Overflow
    }

    fn end(&self, error: Option<RemoteError>) {
        self.queue.end(error.map(StreamError::Failed));
    }

    fn close(&self) {
        self.queue.end(Some(StreamError::Disconnected));
    }
}

impl<T> Stream for StreamReader<T> {
    type Item = Result<T, StreamError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<T> Drop for StreamReader<T> {
    fn drop(&mut self) {
        if self.added && !self.inbox.queue.is_ended() {
            self.streams.cancel(&self.inbox.key);
        }
    }
}

crate::debug_impl! {
    <T> StreamReader<T> as it { channel: it.channel(), id: it.id(), waiting: it.inbox.queue.waiting(), .. }
}
