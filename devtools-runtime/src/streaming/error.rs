//! The errors of streams, uploads and channels.

use crate::function::{BoxError, RemoteError};

/// An error in place of a chunk of a stream or an upload.
///
/// After [`Gap`](Self::Gap), [`Restarted`](Self::Restarted) and [`Decode`](Self::Decode) the stream continues. After any
/// other error it has ended.
///
/// ```
/// use devtools_runtime::streaming::StreamError;
///
/// /// Returns whether the stream has ended after this error.
/// fn has_ended(error: &StreamError) -> bool {
///     !matches!(
///         error,
///         StreamError::Gap { .. } | StreamError::Restarted | StreamError::Decode(_)
///     )
/// }
///
/// assert!(has_ended(&StreamError::Overflow));
/// assert!(!has_ended(&StreamError::Gap { missed: 3 }));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The other side ended the stream with this error. `name` is the name that it had there.
    #[error(transparent)]
    Failed(RemoteError),
    /// Chunks are missing here: they were dropped because this side reads too slowly, or they were removed before this side
    /// reconnected.
    #[error("{missed} chunks are missing")]
    Gap {
        /// The number of missing chunks.
        missed: u64,
    },
    /// The server restarted and has started the stream again under the same id. The chunks that follow belong to the new
    /// stream.
    #[error("the stream was started again")]
    Restarted,
    /// A chunk is not of the channel's type.
    #[error("a chunk could not be decoded")]
    Decode(#[source] BoxError),
    /// More chunks arrived than the reader's queue holds, counted in chunks or in bytes.
    #[error(
        "more chunks arrived than fit into the reader's queue; read faster, or raise its limits"
    )]
    Overflow,
    /// The client already has a reader of this stream. A stream has at most one reader in a client.
    #[error("the client has a reader of this stream already; cancel that one first")]
    AlreadySubscribed,
    /// The uploading client disconnected before it had ended the upload.
    #[error("the uploader disconnected before completing the stream")]
    UploadDisconnected,
    /// The client or server is closed, so the stream cannot continue.
    #[error("the connection is closed")]
    Disconnected,
}

/// The reason for which a channel cannot be created.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::streaming::{ChannelError, ChannelOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let streaming = devtools.context().rpc().streaming();
/// let error = streaming.create::<String>("log", ChannelOptions::new()).unwrap_err();
/// assert_eq!(error, ChannelError::BadName("log".to_owned()));
/// streaming.create::<String>("my-plugin:log", ChannelOptions::new())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// There is a channel of this name already.
    #[error("a channel named `{0}` exists already: use that one, or choose another name")]
    NameTaken(String),
    /// The name is not `scope:channel`, each part in kebab-case.
    #[error("`{0}` is not a valid channel name: write `scope:channel`, both in kebab-case")]
    BadName(String),
}

/// The reason for which a stream or an upload cannot be started.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::streaming::{ChannelOptions, StartError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let streaming = devtools.context().rpc().streaming();
/// let logs = streaming.create::<String>("my-plugin:logs", ChannelOptions::new())?;
/// let sink = logs.start_with_id("build-1")?;
/// let again = logs.start_with_id("build-1").err();
/// assert_eq!(again, Some(StartError::IdTaken("build-1".to_owned())));
/// sink.close();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The channel already has a stream or an upload of this id.
    #[error("the channel already has a stream or an upload with the id `{0}`")]
    IdTaken(String),
    /// The text is not a valid id: it is empty, or contains the character U+001F ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    #[error("{0:?} is not a valid stream id: it is empty, or contains the character U+001F")]
    BadId(String),
}

/// The reason for which a chunk cannot be written to a stream.
///
/// ```
/// use devtools_runtime::streaming::{StreamSink, WriteError};
///
/// /// Writes a position if every subscriber has room for it. Missing one does no harm.
/// fn offer(sink: &StreamSink<(f64, f64)>, position: (f64, f64)) -> Result<(), WriteError> {
///     match sink.try_write(&position) {
///         Err(WriteError::Full) => Ok(()),
///         result => result,
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The chunk cannot be written in the channel's encoding. The stream is unchanged.
    #[error("the chunk could not be written")]
    Encode(#[source] BoxError),
    /// The chunk's frame is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows. The stream is
    /// unchanged.
    #[error("the frame of the chunk has {size} bytes, over the limit `frame_bytes` of {limit}")]
    TooLarge {
        /// The size of the frame in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The queue of a slow subscriber is full, and the channel's policy is to wait. Only
    /// [`try_write`](crate::streaming::StreamSink::try_write) returns this error.
    #[error("the queue of a subscriber is full")]
    Full,
}

/// The reason for which an upload cannot go on.
///
/// ```
/// use devtools_runtime::streaming::{UploadError, UploadSink};
///
/// /// Uploads lines until the server has enough of them.
/// async fn upload(mut sink: UploadSink<String>, lines: Vec<String>) -> Result<(), UploadError> {
///     for line in lines {
///         match sink.write(&line).await {
///             Err(UploadError::Cancelled) => return Ok(()),
///             result => result?,
///         }
///     }
///     sink.close().await
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The chunk cannot be encoded. The upload is unchanged.
    #[error("the chunk could not be written")]
    Encode(#[source] BoxError),
    /// The chunk's frame is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows. The upload is
    /// unchanged.
    #[error("the frame of the chunk has {size} bytes, over the limit `frame_bytes` of {limit}")]
    TooLarge {
        /// The size of the frame in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server has cancelled the upload.
    #[error("the server cancelled the upload")]
    Cancelled,
    /// The server has no such upload open.
    #[error("the server has no upload `{0}` open")]
    Unknown(String),
    /// The client already has an upload with this id in the channel.
    #[error("the client already has an upload with this id in the channel")]
    AlreadyOpen,
    /// The connection was lost, and with it the upload.
    #[error("the connection was lost")]
    Disconnected,
}
