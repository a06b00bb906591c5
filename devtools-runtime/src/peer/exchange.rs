//! A request and its reply, without the types of the function.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::function::{CallError, Delivery};
use crate::peer::cancel::cancel;
use crate::peer::endpoint::Peer;
use crate::peer::frame::Frame;
use crate::peer::outbound::{Outbound, Unsent};
use crate::peer::pending::PendingCall;
use crate::peer::reply::Reply;

/// A future that queues a frame. It resolves when the frame is queued, or to `Err` if the connection is closed.
pub(crate) enum Enqueue {
    /// Queueing was not tried yet.
    New(Outbound, Frame),
    /// The queue was full; this waits for room.
    Waiting(Pin<Box<dyn Future<Output = Result<(), ()>> + Send>>),
    /// The frame is queued, or the connection is closed.
    Done(Result<(), ()>),
}

impl Enqueue {
    pub(crate) fn new(queue: Outbound, frame: Frame) -> Self {
        Self::New(queue, frame)
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        loop {
            *self = match std::mem::replace(self, Self::Done(Err(()))) {
                Self::New(queue, frame) => match queue.try_send(frame) {
                    Ok(()) => Self::Done(Ok(())),
                    Err(Unsent::Closed) => Self::Done(Err(())),
                    Err(Unsent::Full(frame)) => {
                        tracing::debug!(
                            "a frame waits: the queue is at `queued_frames` or `queued_bytes`"
                        );
                        Self::Waiting(Box::pin(queue.send(frame)))
                    }
                },
                Self::Waiting(mut room) => match room.as_mut().poll(context) {
                    Poll::Ready(queued) => Self::Done(queued),
                    Poll::Pending => {
                        *self = Self::Waiting(room);
                        return Poll::Pending;
                    }
                },
                Self::Done(queued) => {
                    *self = Self::Done(queued);
                    return Poll::Ready(queued);
                }
            };
        }
    }
}

/// The future of a call. Dropping it cancels the call on the other side.
pub(crate) struct Exchange {
    peer: Peer,
    step: ExchangeStep,
    timeout: Option<(Duration, Pin<Box<Sleep>>)>,
}

enum ExchangeStep {
    /// The request could not be encoded or may not be sent.
    Refused(CallError),
    Queueing(Enqueue, PendingCall),
    Waiting(PendingCall),
    /// The reply was in the cache.
    Known(Reply),
    Done,
}

impl Exchange {
    pub(crate) fn new(
        peer: Peer,
        request: Result<(String, PendingCall), CallError>,
        timeout: Option<Duration>,
    ) -> Self {
        let step = match request {
            Ok((text, pending)) => {
                ExchangeStep::Queueing(Enqueue::new(peer.queue(), text.into()), pending)
            }
            Err(error) => ExchangeStep::Refused(error),
        };
        let timeout = timeout.map(|after| (after, Box::pin(sleep(after))));
        Self {
            peer,
            step,
            timeout,
        }
    }

    /// Makes a call whose reply was in the cache.
    pub(crate) fn known(peer: Peer, reply: Reply) -> Self {
        Self {
            peer,
            step: ExchangeStep::Known(reply),
            timeout: None,
        }
    }

    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Result<Reply, CallError>> {
        loop {
            match &mut self.step {
                ExchangeStep::Queueing(frame, _) => {
                    if ready!(frame.poll(context)).is_err() {
                        return self.end(Err(CallError::Disconnected(Delivery::NotSent)));
                    }
                    // The step cannot have changed in between, so this pattern always matches.
                    if let ExchangeStep::Queueing(_, pending) =
                        std::mem::replace(&mut self.step, ExchangeStep::Done)
                    {
                        self.step = ExchangeStep::Waiting(pending);
                    }
                }
                ExchangeStep::Waiting(pending) => {
                    let reply = ready!(Pin::new(pending).poll(context));
                    return self.end(reply.map_err(CallError::from));
                }
                ExchangeStep::Refused(_) | ExchangeStep::Known(_) | ExchangeStep::Done => {
                    return match std::mem::replace(&mut self.step, ExchangeStep::Done) {
                        ExchangeStep::Refused(error) => Poll::Ready(Err(error)),
                        ExchangeStep::Known(reply) => Poll::Ready(Ok(reply)),
                        _ => Poll::Ready(Err(CallError::Disconnected(Delivery::MayHaveRun))),
                    };
                }
            }
        }
    }

    fn end(&mut self, outcome: Result<Reply, CallError>) -> Poll<Result<Reply, CallError>> {
        self.step = ExchangeStep::Done;
        Poll::Ready(outcome)
    }
}

impl Future for Exchange {
    type Output = Result<Reply, CallError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(outcome) = self.poll_step(context) {
            return Poll::Ready(outcome);
        }
        if let Some((after, over)) = &mut self.timeout {
            let after = *after;
            ready!(over.as_mut().poll(context));
            self.peer.note_timeout();
            // Dropping the exchange cancels the call.
            return Poll::Ready(Err(CallError::Timeout(after)));
        }
        Poll::Pending
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let ExchangeStep::Waiting(pending) = &self.step {
            cancel(&self.peer, pending.id());
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.step {
            ExchangeStep::Refused(_) => "refused",
            ExchangeStep::Queueing(..) => "queueing",
            ExchangeStep::Waiting(_) => "waiting",
            ExchangeStep::Known(_) => "known",
            ExchangeStep::Done => "over",
        })
    }
}
