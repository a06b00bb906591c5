//! The future that owns a connection.
//!
//! One task per connection reads, dispatches and writes. Whatever is ready is done in one turn: frames
//! that wait to be written are handed to the transport, requests that have arrived are answered, and
//! only when neither side has anything more is the transport flushed, once.
//!
//! Two things can make it hold back. When the transport takes no more, because the other side does not
//! read, or when too many calls run, the next request is kept and nothing is read after it. Replies to
//! this side's own calls need neither, so they are always taken in: two peers that both have their hands full
//! can't wait for each other.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;

use crate::function::{Call, ReplyTo};
use crate::peer::reply::{Reply, unknown_function};
use crate::peer::running::RunningCalls;
use crate::peer::{Frame, Functions, Limits, PeerQueue, TransportError};
use crate::wire::{Encoding, Envelope, FrameText, Request};

/// How many frames are read before other tasks get their turn.
const FRAMES_PER_TURN: usize = 256;

/// A connection at work.
pub(crate) struct Driver<T> {
    transport: T,
    functions: Functions,
    peer: PeerQueue,
    running: RunningCalls,
    limits: Limits,
    /// A request that waits until there is room for it.
    held: Option<Frame>,
}

/// What came of a frame.
enum Received {
    /// It is dealt with; perhaps there is something to answer at once.
    Handled(Option<String>),
    /// It is a request, and there is no room for it now.
    Held,
}

impl<T> Driver<T>
where
    T: Stream<Item = Result<Frame, TransportError>> + Sink<Frame, Error = TransportError> + Unpin,
{
    pub(crate) fn new(
        transport: T,
        functions: Functions,
        peer: PeerQueue,
        limits: &Limits,
    ) -> Self {
        Self {
            transport,
            functions,
            peer,
            running: RunningCalls::new(limits.frame_bytes),
            limits: *limits,
            held: None,
        }
    }

    /// Serves the connection until either side closes it.
    ///
    /// Returns how it ended, and the calls that it leaves behind.
    pub(crate) async fn run(mut self) -> (Result<(), TransportError>, RunningCalls) {
        let closing = self.peer.closing.clone();
        let ended = tokio::select! {
            ended = poll_fn(|context| self.poll(context)) => Some(ended),
            () = closing.cancelled() => None,
        };
        self.peer.pending.close();
        if ended.is_none() {
            // This side closes: what it owes is still delivered, if the other side takes it in time.
            self.peer.queue.close();
            let grace = self.limits.grace;
            let farewell = async {
                poll_fn(|context| self.poll_drained(context)).await?;
                poll_fn(|context| Pin::new(&mut self.transport).poll_close(context)).await
            };
            if tokio::time::timeout(grace, farewell).await.is_err() {
                tracing::debug!("closed without delivering what was left");
            }
        }
        (ended.unwrap_or(Ok(())), self.running)
    }

    /// Does everything that can be done now. Ready once the connection has ended.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut received = 0;
        loop {
            let room = self.poll_write(context)?;
            let before = received;
            while received < FRAMES_PER_TURN {
                let frame = match self.held.take() {
                    Some(frame) => frame,
                    None => match Pin::new(&mut self.transport).poll_next(context)? {
                        Poll::Ready(Some(frame)) => frame,
                        Poll::Ready(None) => return Poll::Ready(Ok(())),
                        Poll::Pending => break,
                    },
                };
                let room = room && Pin::new(&mut self.transport).poll_ready(context)?.is_ready();
                match self.receive(&frame, room) {
                    Received::Handled(None) => {}
                    Received::Handled(Some(reply)) => {
                        Pin::new(&mut self.transport).start_send(reply.into())?;
                    }
                    Received::Held => {
                        self.held = Some(frame);
                        break;
                    }
                }
                received += 1;
            }
            if received == before {
                break;
            }
            if received >= FRAMES_PER_TURN {
                context.waker().wake_by_ref();
                break;
            }
        }
        // Pending or not: the transport wakes this task when it can go on.
        let _ = Pin::new(&mut self.transport).poll_flush(context)?;
        Poll::Pending
    }

    /// Writes what is left. Ready once every call has ended and its reply is delivered.
    fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let room = self.poll_write(context)?;
        let flushed = Pin::new(&mut self.transport).poll_flush(context)?.is_ready();
        if room && flushed && self.running.len() == 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Hands the transport the frames that are ready. Whether it would take more.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        loop {
            if Pin::new(&mut self.transport).poll_ready(context)?.is_pending() {
                return Ok(false);
            }
            let frame = match self.running.poll_outcome(context) {
                Poll::Ready(None) => continue,
                Poll::Ready(Some(reply)) => Frame::from(reply),
                Poll::Pending => match self.peer.queue.poll_recv(context) {
                    Poll::Ready(Some(frame)) => frame,
                    // Nobody holds a handle any more, but the other side may still call.
                    Poll::Ready(None) | Poll::Pending => return Ok(true),
                },
            };
            Pin::new(&mut self.transport).start_send(frame)?;
        }
    }

    fn receive(&mut self, frame: &Frame, room: bool) -> Received {
        let text = match FrameText::open(frame.as_str()) {
            Ok(text) => text,
            Err(error) => {
                tracing::debug!(%error, "dropped a frame");
                return Received::Handled(None);
            }
        };
        match text.envelope() {
            Err(error) => tracing::debug!(%error, "dropped a frame"),
            Ok(Envelope::Response(response)) => {
                if let Some(id) = response.id.as_ref().and_then(|id| id.counter()) {
                    self.peer.pending.complete(id, Reply::new(frame, &response));
                }
            }
            Ok(Envelope::Request(request)) => {
                if !room || self.running.len() >= self.limits.calls_in_flight.max(1) {
                    return Received::Held;
                }
                return Received::Handled(self.dispatch(request));
            }
        }
        Received::Handled(None)
    }

    fn dispatch(&mut self, request: Request<'_>) -> Option<String> {
        let Request { method, arguments, optional, id } = request;
        let reply = ReplyTo(id);
        let Some((function, scope)) = self.functions.find(&method) else {
            tracing::debug!(rpc.method = %method, optional, "no such function");
            if optional {
                return reply.undefined(Encoding::StructuredClone);
            }
            return reply.failure(&unknown_function(&method));
        };
        match self.running.start(function, Call { scope, arguments, reply }) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => None,
        }
    }
}
