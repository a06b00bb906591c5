//! What carries the frames of a connection.

use futures_core::Stream;
use futures_sink::Sink;

use crate::peer::{CloseReason, Frame, TransportError};

/// A stream and sink of frames. It ends when it is closed, by either side.
pub(crate) trait Transport:
    Stream<Item = Result<Frame, TransportError>> + Sink<Frame, Error = TransportError> + Unpin
{
    /// Whether [`poll_next`](Stream::poll_next) is worth calling again only after the waker that it was given last has been
    /// woken, whatever else the transport is asked meanwhile.
    const SAYS_WHEN_READABLE: bool = false;

    /// Told why this side is about to close it. One that can tells the other side so in its last frame.
    fn closes_because(&mut self, reason: &CloseReason) {
        let _ = reason;
    }
}

impl<T: Transport> Transport for Box<T> {
    const SAYS_WHEN_READABLE: bool = T::SAYS_WHEN_READABLE;

    fn closes_because(&mut self, reason: &CloseReason) {
        (**self).closes_because(reason);
    }
}
