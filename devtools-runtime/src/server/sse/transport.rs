//! The transport of a session: a stream and sink of frames.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::PollSender;

use crate::peer::{Frame, Transport, TransportError, TransportPoll};
use crate::server::sse::held::HeldPosts;
use crate::server::sse::sessions::{PostedFrame, SseRegistration};

/// The server's end of a session. Dropping it ends the event stream and refuses the POSTs that wait.
pub(crate) struct SseTransport {
    incoming: mpsc::Receiver<PostedFrame>,
    outgoing: PollSender<Frame>,
    held: Arc<HeldPosts>,
    /// The number of frames that were sent on the event stream.
    events: u64,
    /// Resolves once the client has dropped the event stream.
    gone: oneshot::Receiver<Infallible>,
    _registration: SseRegistration,
}

impl SseTransport {
    pub(super) fn new(
        incoming: mpsc::Receiver<PostedFrame>,
        outgoing: mpsc::Sender<Frame>,
        held: Arc<HeldPosts>,
        gone: oneshot::Receiver<Infallible>,
        registration: SseRegistration,
    ) -> Self {
        Self {
            incoming,
            outgoing: PollSender::new(outgoing),
            held,
            events: 0,
            gone,
            _registration: registration,
        }
    }

    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.gone.is_terminated() {
            return Poll::Ready(());
        }
        match ready!(Pin::new(&mut self.gone).poll(context)) {
            Ok(never) => match never {},
            Err(_) => Poll::Ready(()),
        }
    }
}

// The client does not learn the reason for closing, because an event stream has no close frame.
impl Transport for SseTransport {}

impl Stream for SseTransport {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(posted) = self.incoming.poll_recv(context) {
            return Poll::Ready(posted.map(|posted| Ok(posted.frame)));
        }
        self.poll_gone(context).map(|()| None)
    }
}

impl Sink<Frame> for SseTransport {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        Poll::Ready(ready!(self.outgoing.poll_reserve(context)).map_err(|_| gone()))
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        let Some(event) = self.held.answer(frame, self.events) else {
            // The reserved slot of the event stream stays for the next frame.
            return Ok(());
        };
        self.events += 1;
        self.outgoing.send_item(event).map_err(|_| gone())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        // The end of the stream is noticed here too, because a busy driver does not read.
        match self.poll_gone(context) {
            Poll::Ready(()) => Poll::Ready(Err(gone())),
            Poll::Pending => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}

impl Drop for SseTransport {
    fn drop(&mut self) {
        self.held.close();
    }
}

fn gone() -> TransportError {
    TransportError::Broken("the client has dropped the event stream".into())
}
