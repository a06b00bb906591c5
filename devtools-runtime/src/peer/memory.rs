//! A connection inside the process: two ends, joined by bounded channels.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

use crate::peer::frame::{Frame, TransportError};
use crate::peer::transport::{Transport, TransportPoll};

/// The number of frames that each direction buffers.
const FRAMES_UNDER_WAY: usize = 16;

/// One end of a connection inside the process.
pub(crate) struct MemoryTransport {
    outgoing: PollSender<Frame>,
    incoming: mpsc::Receiver<Frame>,
}

/// Makes a connection inside the process, and returns its two ends.
pub(crate) fn memory_pair() -> (MemoryTransport, MemoryTransport) {
    let (left_sender, right_receiver) = mpsc::channel(FRAMES_UNDER_WAY);
    let (right_sender, left_receiver) = mpsc::channel(FRAMES_UNDER_WAY);
    let end = |sender, incoming| MemoryTransport {
        outgoing: PollSender::new(sender),
        incoming,
    };
    (
        end(left_sender, left_receiver),
        end(right_sender, right_receiver),
    )
}

impl Transport for MemoryTransport {}

impl Stream for MemoryTransport {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context).map(|frame| frame.map(Ok))
    }
}

impl Sink<Frame> for MemoryTransport {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        Poll::Ready(ready!(self.outgoing.poll_reserve(context)).map_err(|_| gone()))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        self.outgoing.send_item(frame).map_err(|_| gone())
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}

fn gone() -> TransportError {
    TransportError::Broken("the other end is gone".into())
}
