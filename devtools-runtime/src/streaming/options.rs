//! The options of a channel.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::wire::Encoding;

/// The time for which an ended stream with replay is stored, as in the JavaScript server.
const RETENTION: Duration = Duration::from_secs(30);

/// The time for which a stream with replay waits for its last subscriber to reconnect.
const LINGER: Duration = Duration::from_secs(5);

/// The options of a channel: the chunks that it stores, and its policy for slow subscribers.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::streaming::{Backpressure, ChannelOptions};
///
/// let options = ChannelOptions::new()
///     .replay(1000)
///     .retention(Duration::from_secs(60))
///     .backpressure(Backpressure::DropOldest);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing until a channel is created with them"]
pub struct ChannelOptions {
    pub(crate) encoding: Encoding,
    pub(crate) replay: usize,
    pub(crate) replay_bytes: usize,
    pub(crate) retention: Option<Duration>,
    pub(crate) retained_streams: usize,
    pub(crate) linger: Option<Duration>,
    pub(crate) backpressure: Backpressure,
    pub(crate) queued_chunks: usize,
    pub(crate) queued_bytes: usize,
    pub(crate) patience: Duration,
    pub(crate) upload: UploadOptions,
    pub(crate) direction: ChannelDirection,
}

/// The direction of the chunks of a channel. The declarations list it under streams, uploads, or both.
///
/// ```
/// use devtools_runtime::streaming::{ChannelDirection, ChannelOptions};
///
/// // An option of uploads adds them to the direction.
/// assert_eq!(ChannelOptions::new().upload_chunks(16), ChannelOptions::new().direction(ChannelDirection::Both).upload_chunks(16));
/// let recordings = ChannelOptions::new().direction(ChannelDirection::Uploads);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ChannelDirection {
    /// From the server to clients: the server starts streams.
    #[default]
    Streams,
    /// From a client to the server: the server opens uploads.
    Uploads,
    /// Both ways.
    Both,
}

/// The limits of an upload, and the policy when they are exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadOptions {
    pub(crate) chunks: usize,
    pub(crate) bytes: usize,
    pub(crate) when_full: WhenUploadFull,
}

/// The policy for a subscriber whose queue is full: [`queued_chunks`](ChannelOptions::queued_chunks) wait for it, or
/// [`queued_bytes`](ChannelOptions::queued_bytes).
///
/// Other subscribers get their chunks at once, except with [`Wait`](Self::Wait).
///
/// ```
/// use devtools_runtime::rpc_channel;
/// use devtools_runtime::streaming::{Backpressure, ChannelOptions};
///
/// /// A log. For a slow reader it is better to miss lines than to delay the program.
/// #[rpc_channel(name = "docs-of-backpressure:log")]
/// pub struct Log(String);
///
/// fn options() -> ChannelOptions {
///     Log::options().queued_chunks(256).backpressure(Backpressure::DropOldest)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backpressure {
    /// The producer waits in [`write`](crate::streaming::StreamSink::write), at most as long as
    /// [`patience`](ChannelOptions::patience) says. Then the stream ends for the subscriber, with an error named
    /// `SlowSubscriber`.
    #[default]
    Wait,
    /// The subscriber misses its oldest chunks. A Rust client gets their number
    /// ([`StreamError::Gap`](crate::streaming::StreamError::Gap)), and [`ChannelStats`](crate::streaming::ChannelStats)
    /// counts them. `client.js` counts them as `missed`, and the ecosystem's client does not notice ([protocol
    /// 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    DropOldest,
    /// The stream ends for the subscriber, with an error named `SlowSubscriber`.
    CloseSubscriber,
}

/// The policy for an upload whose queue is full. The server reads on from the connection in any case, because other calls
/// go over it too.
///
/// A Rust client never fills the queue, because it asks for the free room and waits. Clients in JavaScript do not ask.
///
/// ```
/// use devtools_runtime::rpc_channel;
/// use devtools_runtime::streaming::{ChannelOptions, WhenUploadFull};
///
/// /// The positions of the mouse. Only the latest ones matter.
/// #[rpc_channel(name = "docs-of-uploads:mouse", direction = "uploads")]
/// pub struct Mouse((f64, f64));
///
/// fn mouse_options() -> ChannelOptions {
///     Mouse::options().when_upload_full(WhenUploadFull::DropOldest)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenUploadFull {
    /// The upload is cancelled. Its reader gets the chunks that have arrived, and then
    /// [`StreamError::Overflow`](crate::streaming::StreamError::Overflow).
    #[default]
    Fail,
    /// The reader misses the oldest chunks, and gets [`StreamError::Gap`](crate::streaming::StreamError::Gap) in their place.
    DropOldest,
}

/// The options of a channel of another process, as far as they concern its streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelayOptions {
    replay: usize,
    replay_bytes: usize,
    retention: Duration,
    linger: Duration,
    #[serde(with = "RelayPolicy")]
    backpressure: Backpressure,
    queued_chunks: usize,
    queued_bytes: usize,
    patience: Duration,
}

/// The same variants, for messages between processes.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Backpressure")]
enum RelayPolicy {
    Wait,
    DropOldest,
    CloseSubscriber,
}

impl From<&ChannelOptions> for RelayOptions {
    fn from(options: &ChannelOptions) -> Self {
        Self {
            replay: options.replay,
            replay_bytes: options.replay_bytes,
            retention: options.retention_or_default(),
            linger: options.linger_or_default(),
            backpressure: options.backpressure,
            queued_chunks: options.queued_chunks,
            queued_bytes: options.queued_bytes,
            patience: options.patience,
        }
    }
}

impl From<RelayOptions> for ChannelOptions {
    fn from(options: RelayOptions) -> Self {
        Self::new()
            .replay(options.replay)
            .replay_bytes(options.replay_bytes)
            // The process that has the stream stores it when it has ended. Here it waits only for readers that reconnect.
            .retention(options.retention.min(options.linger))
            .linger(options.linger)
            .backpressure(options.backpressure)
            .queued_chunks(options.queued_chunks)
            .queued_bytes(options.queued_bytes)
            .patience(options.patience)
    }
}

crate::default_is_new!(ChannelOptions);

impl ChannelOptions {
    /// Returns the default options.
    pub const fn new() -> Self {
        Self {
            encoding: Encoding::Json,
            replay: 0,
            replay_bytes: 16 * 1024 * 1024,
            retention: None,
            retained_streams: 64,
            linger: None,
            backpressure: Backpressure::Wait,
            queued_chunks: 1024,
            queued_bytes: 16 * 1024 * 1024,
            patience: Duration::from_secs(30),
            upload: UploadOptions {
                chunks: 1024,
                bytes: 16 * 1024 * 1024,
                when_full: WhenUploadFull::Fail,
            },
            direction: ChannelDirection::Streams,
        }
    }

    crate::setters! {
        /// Sets the direction of the chunks, for the declarations in TypeScript. Default: [`ChannelDirection::Streams`], or
        /// [`ChannelDirection::Both`] if an option of uploads is set. At run time every channel goes both ways.
        pub const fn direction(direction: ChannelDirection) { direction = direction }

        /// Sets the number of chunks of a stream that are stored for subscribers that join late or reconnect. Default: 0.
        ///
        /// When the limit is exceeded, the oldest chunk is removed. A subscriber that reconnects misses the chunks that are not
        /// stored any more, so choose the number of chunks that a client may be behind when its connection breaks.
        pub const fn replay(chunks: usize) { replay = chunks }

        /// Sets the number of bytes of frames that a stream stores for replay. Default: 16 MiB. When the limit is exceeded, the
        /// oldest chunks are removed, even if there are fewer than [`replay`](Self::replay) allows.
        pub const fn replay_bytes(bytes: usize) { replay_bytes = bytes }

        /// Sets how long an ended stream is stored for subscribers that join late. Default: 30 seconds if chunks are stored for
        /// [`replay`](Self::replay), otherwise not at all ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)). The time begins when the last subscriber has left or has
        /// received everything. Afterwards the stream does not exist any more.
        pub const fn retention(retention: Duration) { retention = Some(retention) }

        /// Sets the number of ended streams of the channel that are stored at once. Default: 64. When the limit is exceeded,
        /// the stream that ended first is removed.
        pub const fn retained_streams(streams: usize) { retained_streams = streams }

        /// Sets how long a stream continues after the connection of its last subscriber was lost, before it is
        /// [cancelled](crate::streaming::StreamSink::cancelled). Default: 5 seconds if chunks are stored for
        /// [`replay`](Self::replay), so that a Rust client can reconnect. Otherwise it is cancelled at once, as in the
        /// JavaScript server.
        ///
        /// With [`Backpressure::Wait`] the producer also waits for a Rust client that may reconnect, as it does for a slow one.
        /// Such a client misses nothing, however few chunks are stored for [`replay`](Self::replay). The producer does not wait
        /// for a subscriber that has cancelled.
        pub const fn linger(linger: Duration) { linger = Some(linger) }

        /// Sets the policy for slow subscribers. Default: [`Backpressure::Wait`].
        pub const fn backpressure(backpressure: Backpressure) { backpressure = backpressure }

        /// Sets the number of chunks that may wait for one subscriber. Default: 1,024. Chunks that are sent for
        /// [`replay`](Self::replay) when it subscribes do not count. When the limit is reached,
        /// [`backpressure`](Self::backpressure) applies.
        pub const fn queued_chunks(chunks: usize) { queued_chunks = chunks }

        /// Sets the number of bytes of frames that may wait for one subscriber. Default: 16 MiB. A chunk is accepted while
        /// fewer bytes wait, so one large chunk always passes. When the limit is reached, [`backpressure`](Self::backpressure)
        /// applies.
        pub const fn queued_bytes(bytes: usize) { queued_bytes = bytes }

        /// Sets how long the producer waits for a subscriber with [`Backpressure::Wait`]. Default: 30 seconds. After that the
        /// subscriber is closed, as with [`Backpressure::CloseSubscriber`].
        pub const fn patience(patience: Duration) { patience = patience }

        /// Sets the encoding in which the server writes chunks. Default: [`Encoding::Json`]. Values of the [`js`](crate::js)
        /// module keep their types in [`Encoding::StructuredClone`].
        pub const fn encoding(encoding: Encoding) { encoding = encoding }
    }

    /// Sets the number of chunks of an upload that may wait to be read. Default: 1,024. When the limit is reached,
    /// [`when_upload_full`](Self::when_upload_full) applies.
    pub const fn upload_chunks(mut self, chunks: usize) -> Self {
        self.upload.chunks = chunks;
        self.taking_uploads()
    }

    /// Sets the number of bytes of frames of an upload that may wait to be read. Default: 16 MiB. A chunk is accepted while
    /// fewer bytes wait. When the limit is reached, [`when_upload_full`](Self::when_upload_full) applies.
    pub const fn upload_bytes(mut self, bytes: usize) -> Self {
        self.upload.bytes = bytes;
        self.taking_uploads()
    }

    /// Sets the policy for an upload that is not read fast enough. Default: [`WhenUploadFull::Fail`].
    pub const fn when_upload_full(mut self, when_full: WhenUploadFull) -> Self {
        self.upload.when_full = when_full;
        self.taking_uploads()
    }

    /// Adds uploads to the direction, because an option of uploads is set.
    const fn taking_uploads(mut self) -> Self {
        if matches!(self.direction, ChannelDirection::Streams) {
            self.direction = ChannelDirection::Both;
        }
        self
    }

    /// Returns how long an ended stream is stored.
    pub(crate) fn retention_or_default(&self) -> Duration {
        self.retention.unwrap_or(if self.replay > 0 {
            RETENTION
        } else {
            Duration::ZERO
        })
    }

    /// Returns how long a stream waits for its last subscriber to reconnect.
    pub(crate) fn linger_or_default(&self) -> Duration {
        self.linger.unwrap_or(if self.replay > 0 {
            LINGER
        } else {
            Duration::ZERO
        })
    }
}
