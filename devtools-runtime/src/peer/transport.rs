//! What carries the frames of a connection.

use futures_core::Stream;
use futures_sink::Sink;

use crate::peer::{CloseReason, Frame, TransportError};

/// A stream and sink of frames. It ends when it is closed, by either side.
pub(crate) trait Transport:
    Stream<Item = Result<Frame, TransportError>> + Sink<Frame, Error = TransportError> + Unpin
{
    /// Told why this side is about to close it. One that can tells the other side so in its last frame.
    fn closes_because(&mut self, reason: &CloseReason) {
        let _ = reason;
    }
}
