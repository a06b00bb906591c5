//! A text frame, and how a transport fails.

use std::fmt;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::function::BoxError;

/// One message, as text. Cloning shares it, so a broadcast is written once for all its receivers.
///
/// The text is held as the WebSocket library holds it, because a frame made of a `String` then reaches
/// the socket without a copy and without a second look at its UTF-8.
#[derive(Clone)]
pub(crate) struct Frame(Utf8Bytes);

impl Frame {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The frame whose text these bytes are, without a copy; `None` if they are no UTF-8.
    #[cfg(feature = "client")]
    pub(crate) fn from_utf8(bytes: bytes::Bytes) -> Option<Self> {
        Utf8Bytes::try_from(bytes).ok().map(Self)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl From<String> for Frame {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Utf8Bytes> for Frame {
    fn from(text: Utf8Bytes) -> Self {
        Self(text)
    }
}

impl From<Frame> for Utf8Bytes {
    fn from(frame: Frame) -> Self {
        frame.0
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a connection ended that nobody closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The other side sent a frame over the limit.
    #[error("a frame of {size} bytes is over the limit `frame_bytes` of {limit}")]
    TooLarge { size: usize, limit: usize },
    /// The other side refused a frame as too large.
    #[error("the other side refused a frame as too large")]
    Refused,
    /// The other side gives no sign of life.
    #[error("the other side gives no sign of life")]
    Dead,
    /// The connection broke, or what came over it was not of its protocol.
    #[error(transparent)]
    Broken(#[from] BoxError),
}
