//! How a channel keeps its chunks, and what it does with readers that are slow.

use std::time::Duration;

use crate::wire::Encoding;

/// How long a closed stream is kept where it can be replayed, as the JavaScript server has it.
const RETENTION: Duration = Duration::from_secs(30);

/// How long a stream waits for its last reader to come back where it can go on from where it was.
const LINGER: Duration = Duration::from_secs(5);

/// How a channel keeps its chunks, and what it does with subscribers that are slow.
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

/// Which way the chunks of a channel go. The declarations list it under streams, uploads, or both.
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

/// How much of uploads waits to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadOptions {
    pub(crate) chunks: usize,
    pub(crate) bytes: usize,
    pub(crate) when_full: WhenUploadFull,
}

/// What a stream does with a subscriber for which [as many chunks](ChannelOptions::queued_chunks) wait as may.
///
/// The others get their chunks at once, whatever it is, unless it is to wait.
///
/// ```
/// use devtools_runtime::rpc_channel;
/// use devtools_runtime::streaming::{Backpressure, ChannelOptions};
///
/// /// Lines of a log: a slow reader had better miss some than hold the program up.
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
    /// The producer waits in [`write`](crate::streaming::StreamSink::write), for as long as it has
    /// [`patience`](ChannelOptions::patience); then the subscriber is closed.
    #[default]
    Wait,
    /// The subscriber misses its oldest chunks. A Rust client is told how many
    /// ([`StreamError::Gap`](crate::streaming::StreamError::Gap)), and [`ChannelStats`](crate::streaming::ChannelStats) counts them; the
    /// JavaScript client does not notice ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    DropOldest,
    /// The subscriber misses the rest: for it, the stream ends with an error named `SlowSubscriber`.
    CloseSubscriber,
}

/// What happens to an upload of which as much waits to be read as may. The connection is read on in any case,
/// because other calls go over it too.
///
/// A Rust client does not get there: it is told how much room there is, and waits. The JavaScript client is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenUploadFull {
    /// The upload is cancelled. Its reader gets what has come, and then
    /// [`StreamError::Overflow`](crate::streaming::StreamError::Overflow).
    #[default]
    Fail,
    /// The reader misses the oldest chunks, and gets [`StreamError::Gap`](crate::streaming::StreamError::Gap) in their place.
    DropOldest,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ChannelOptions {
    /// The defaults, which each method names.
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

    /// Which way the chunks go, for the declarations in TypeScript. Default: [`ChannelDirection::Streams`], or [`ChannelDirection::Both`] if
    /// an option of uploads is set. At run time every channel goes both ways.
    pub const fn direction(mut self, direction: ChannelDirection) -> Self {
        self.direction = direction;
        self
    }

    /// How many chunks of a stream are kept for subscribers that come late, or come back. Default: 0.
    ///
    /// Beyond it the oldest is forgotten. What a subscriber that comes back can be given without loss is what is
    /// kept: size it by what a client may be behind when its connection breaks.
    pub const fn replay(mut self, chunks: usize) -> Self {
        self.replay = chunks;
        self
    }

    /// How many bytes of frames a stream keeps for that. Default: 16 MiB. Beyond it the oldest chunks are
    /// forgotten, though not as many as [`replay`](Self::replay) allows are kept.
    pub const fn replay_bytes(mut self, bytes: usize) -> Self {
        self.replay_bytes = bytes;
        self
    }

    /// How long a stream that has ended is kept for subscribers that come late. Default: 30 seconds if chunks are
    /// kept for [`replay`](Self::replay), otherwise not at all ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)). It counts from when the last
    /// subscriber has left or has everything.
    ///
    /// Who comes later finds no stream.
    pub const fn retention(mut self, retention: Duration) -> Self {
        self.retention = Some(retention);
        self
    }

    /// How many streams of the channel that have ended are kept at once. Default: 64. Beyond it the one that ended
    /// first is forgotten.
    pub const fn retained_streams(mut self, streams: usize) -> Self {
        self.retained_streams = streams;
        self
    }

    /// How long a stream goes on after the connection of its last subscriber was lost, before it is
    /// [cancelled](crate::streaming::StreamSink::cancelled). Default: 5 seconds if chunks are kept for
    /// [`replay`](Self::replay), so that a Rust client can come back; otherwise it is cancelled at once, as by the
    /// JavaScript server.
    ///
    /// With [`Backpressure::Wait`] the producer also waits for a Rust client that is to come back, as it does for a slow
    /// one: whatever is [replayed](Self::replay), the client then misses nothing. A subscriber that cancels is not
    /// waited for.
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.linger = Some(linger);
        self
    }

    /// What to do with a subscriber that is slow. Default: [`Backpressure::Wait`].
    pub const fn backpressure(mut self, backpressure: Backpressure) -> Self {
        self.backpressure = backpressure;
        self
    }

    /// How many chunks may wait for one subscriber. Default: 1,024. Those that are kept for
    /// [`replay`](Self::replay) when it subscribes do not count. What happens beyond says
    /// [`backpressure`](Self::backpressure).
    pub const fn queued_chunks(mut self, chunks: usize) -> Self {
        self.queued_chunks = chunks;
        self
    }

    /// How many bytes of frames may wait for one subscriber. Default: 16 MiB. A chunk is let in while there are
    /// fewer, so that a large one always passes. What happens beyond says [`backpressure`](Self::backpressure).
    pub const fn queued_bytes(mut self, bytes: usize) -> Self {
        self.queued_bytes = bytes;
        self
    }

    /// How long the producer waits for a subscriber, with [`Backpressure::Wait`]. Default: 30 seconds. Beyond it the
    /// subscriber is closed, as with [`Backpressure::CloseSubscriber`].
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How the server writes chunks. Default: [`Encoding::Json`]. Values of the [`js`](crate::js) module keep
    /// their types in [`Encoding::StructuredClone`].
    pub const fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// How many chunks of an upload may wait to be read. Default: 1,024. What happens beyond says
    /// [`when_upload_full`](Self::when_upload_full).
    pub const fn upload_chunks(mut self, chunks: usize) -> Self {
        self.upload.chunks = chunks;
        self.taking_uploads()
    }

    /// How many bytes of frames of an upload may wait to be read. Default: 16 MiB. A chunk is let in while there
    /// are fewer. What happens beyond says [`when_upload_full`](Self::when_upload_full).
    pub const fn upload_bytes(mut self, bytes: usize) -> Self {
        self.upload.bytes = bytes;
        self.taking_uploads()
    }

    /// What happens to an upload that is not read fast enough. Default: [`WhenUploadFull::Fail`].
    pub const fn when_upload_full(mut self, when_full: WhenUploadFull) -> Self {
        self.upload.when_full = when_full;
        self.taking_uploads()
    }

    /// A channel with options of uploads has uploads.
    const fn taking_uploads(mut self) -> Self {
        if matches!(self.direction, ChannelDirection::Streams) {
            self.direction = ChannelDirection::Both;
        }
        self
    }

    /// How long a closed stream is kept.
    pub(crate) fn retention_or_default(&self) -> Duration {
        self.retention.unwrap_or(if self.replay > 0 {
            RETENTION
        } else {
            Duration::ZERO
        })
    }

    /// How long a stream waits for its last reader to come back.
    pub(crate) fn linger_or_default(&self) -> Duration {
        self.linger.unwrap_or(if self.replay > 0 {
            LINGER
        } else {
            Duration::ZERO
        })
    }
}
