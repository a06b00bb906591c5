//! The trait of transports, which carry the frames of a connection.

use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use crate::peer::close::CloseReason;
use crate::peer::frame::{Frame, TransportError};

/// The progress of an operation of a transport until it is done or has failed: becoming ready to write, flushing, or
/// closing.
pub(crate) type TransportPoll = Poll<Result<(), TransportError>>;

/// A stream and sink of frames. It ends when either side closes it.
pub(crate) trait Transport:
    Stream<Item = Result<Frame, TransportError>> + Sink<Frame, Error = TransportError> + Unpin
{
    /// Whether [`poll_next`](Stream::poll_next) needs to be called again only after the waker that it was given last was
    /// woken, no matter which other methods are called in between.
    const SAYS_WHEN_READABLE: bool = false;

    /// Returns whether the other side has stopped sending but still reads. The stream has ended then.
    fn is_half_closed(&self) -> bool {
        false
    }

    /// Called after an error of the stream. Waits until the other side has had time to read the close frame that explains
    /// the error. Ready at once if nothing was sent.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let _ = context;
        Poll::Ready(())
    }

    /// Sets the reason for which this side is about to close the transport. A transport with a close frame sends the reason
    /// in it.
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
