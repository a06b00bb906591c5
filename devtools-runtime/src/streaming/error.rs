//! What can go wrong with a stream.

use crate::function::{BoxError, RemoteError};

/// Why a stream or an upload gives no chunk.
///
/// After [`Gap`](Self::Gap), [`Restarted`](Self::Restarted) and [`Decode`](Self::Decode) it goes on; any other is the
/// last it gives.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The other side ended it with this error. Its name is the real one.
    #[error(transparent)]
    Failed(RemoteError),
    /// Chunks are missing here: they were dropped because this side is slow, or they were forgotten before this
    /// side came back.
    #[error("{missed} chunks are missing")]
    Gap {
        /// How many.
        missed: u64,
    },
    /// The server was started again, and so was the stream, under the same id: what follows is of the new one.
    #[error("the stream was started again")]
    Restarted,
    /// A chunk is not of the channel's type.
    #[error("a chunk could not be decoded")]
    Decode(#[source] BoxError),
    /// More chunks came than may wait to be read, or more bytes of them.
    #[error("more chunks came than may wait to be read")]
    Overflow,
    /// The client reads this stream already. Only one of its readers can.
    #[error("the client reads this stream already")]
    AlreadySubscribed,
    /// Who uploads has disconnected, and has not said that this is all.
    #[error("the uploader disconnected before completing the stream")]
    UploadDisconnected,
    /// The connection has ended for good.
    #[error("the connection is closed")]
    Disconnected,
}

/// A channel cannot be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// There is a channel of this name already.
    #[error("there is a channel named `{0}` already")]
    NameTaken(String),
    /// The name is not `scope:channel`, each part in kebab-case.
    #[error("`{0}` is no name for a channel: write `scope:channel`, both in kebab-case")]
    BadName(String),
}

/// A stream or an upload cannot be begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is one of this id in the channel already.
    #[error("there is a stream `{0}` in the channel already")]
    IdTaken(String),
    /// Not an id: it is empty, or holds the character U+001F ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    #[error("{0:?} is no id: it is empty, or holds the character U+001F")]
    BadId(String),
}

/// A chunk cannot be written to a stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The chunk cannot be written in the channel's encoding. The stream is as it was.
    #[error("the chunk could not be written")]
    Encode(#[source] BoxError),
    /// The chunk's frame is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows. The stream is as
    /// it was.
    #[error("the chunk has {size} bytes, over the limit `frame_bytes` of {limit}")]
    TooLarge {
        /// The size of the frame in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A subscriber is slow, and the channel's policy is to wait: only
    /// [`try_write`](crate::streaming::StreamSink::try_write) fails so.
    #[error("a subscriber has no room for the chunk")]
    Full,
}

/// An upload cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The chunk cannot be written. The upload is as it was.
    #[error("the chunk could not be written")]
    Encode(#[source] BoxError),
    /// The chunk's frame is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows. The upload is as
    /// it was.
    #[error("the chunk has {size} bytes, over the limit `frame_bytes` of {limit}")]
    TooLarge {
        /// The size of the frame in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server wants no more of it.
    #[error("the server cancelled the upload")]
    Cancelled,
    /// The server has no such upload open.
    #[error("the server has no upload `{0}` open")]
    Unknown(String),
    /// The client uploads to this stream already.
    #[error("the client uploads to this stream already")]
    AlreadyOpen,
    /// The connection was lost, and with it the upload.
    #[error("the connection was lost")]
    Disconnected,
}
