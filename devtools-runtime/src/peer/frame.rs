//! The text frame, and the errors of a transport.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::function::BoxError;

/// One message, as text. Clones share the text, so a broadcast is encoded once for all its receivers.
///
/// The text has the type that the WebSocket library uses: a frame made of a `String` then reaches the socket without a copy
/// and without another check of its UTF-8.
#[derive(Clone)]
pub(crate) struct Frame(Utf8Bytes);

/// The size in bytes up to which a frame is copied to be kept.
const COPIED_BYTES: usize = 1024;

impl Frame {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Makes a frame of these bytes without a copy. Returns `None` if they are not UTF-8.
    pub(crate) fn from_utf8(bytes: Bytes) -> Option<Self> {
        Utf8Bytes::try_from(bytes).ok().map(Self)
    }

    /// Returns a frame with the same text, which may be kept while further frames are read. A small one is copied.
    ///
    /// A frame that was read is a part of the read buffer, which is much larger than a small frame. It could neither be
    /// freed nor be used again while the part is kept.
    pub(crate) fn to_keep(&self) -> Self {
        if self.len() <= COPIED_BYTES {
            Self::from(self.as_str().to_owned())
        } else {
            self.clone()
        }
    }

    /// Returns the bytes of the text, without a copy.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0.into()
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

crate::debug_impl! { Frame as it => "{}", it.as_str() }

/// The reason for which a connection ended although no side closed it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The other side sent a frame over the limit.
    #[error("a frame of {size} bytes is over the limit `frame_bytes` of {limit}")]
    TooLarge { size: usize, limit: usize },
    /// The other side refused a frame as too large.
    #[error("the other side refused a frame as too large")]
    Refused,
    /// The other side gives no sign of life.
    #[error("nothing came from the other side for longer than the limit `keep_alive`")]
    Dead,
    /// The connection broke, or bytes arrived that its protocol does not allow.
    #[error(transparent)]
    Broken(#[from] BoxError),
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};

    use super::{COPIED_BYTES, Frame};

    /// Returns whether a read buffer with this frame can be used again while the frame is kept.
    fn leaves_buffer(size: usize) -> bool {
        let mut buffer = BytesMut::with_capacity(4 * COPIED_BYTES);
        buffer.resize(size, b'x');
        let read: Bytes = buffer.split().freeze();
        let kept = Frame::from_utf8(read).unwrap().to_keep();
        assert_eq!(kept.as_str(), "x".repeat(size));
        buffer.try_reclaim(4 * COPIED_BYTES)
    }

    #[test]
    fn a_small_frame_that_is_kept_leaves_its_read_buffer() {
        assert!(leaves_buffer(65));
        assert!(leaves_buffer(COPIED_BYTES));
        assert!(!leaves_buffer(COPIED_BYTES + 1));
    }
}
