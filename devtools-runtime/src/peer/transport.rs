//! What carries the frames of a connection.

use std::task::{Context, Poll};

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

    /// Whether the other side has ended its half of the connection, and can still be sent to. The stream has ended then.
    fn is_half_closed(&self) -> bool {
        false
    }

    /// After an error of the stream: waits until the other side can have read what this side said about it. Ready at once if
    /// there is nothing to wait for.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let _ = context;
        Poll::Ready(())
    }

    /// Told why this side is about to close it. One that can tells the other side so in its last frame.
    fn closes_because(&mut self, reason: &CloseReason) {
        let _ = reason;
    }
}

impl<T: Transport> Transport for Box<T> {
    const SAYS_WHEN_READABLE: bool = T::SAYS_WHEN_READABLE;

    fn is_half_closed(&self) -> bool {
        (**self).is_half_closed()
    }

    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        (**self).poll_linger(context)
    }

    fn closes_because(&mut self, reason: &CloseReason) {
        (**self).closes_because(reason);
    }
}
