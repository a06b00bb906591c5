//! A transport with an interposer: an object that answers requests in the driver's place and sends frames of its own.

use std::collections::VecDeque;
use std::fmt;
#[cfg(feature = "server")]
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::peer::access::AccessCell;
use crate::peer::close::CloseReason;
use crate::peer::frame::{Frame, TransportError};
use crate::peer::tap::FrameTap;
use crate::peer::traffic::FrameDirection;
use crate::peer::transport::{Transport, TransportPoll};

/// The number of frames that wait for the transport before nothing more is read. Beyond it, the other side has to read first.
const MOST_WAITING: usize = 256;

/// An object between the transport of one connection and its driver.
pub(crate) trait Interposer: Send {
    /// Takes a frame of the other side. Returns it if the driver is to receive it.
    fn read(&mut self, frame: Frame, now: Instant) -> Option<Frame>;

    /// Returns whether a frame of the driver may be sent to the other side.
    fn admits(&mut self, frame: &Frame) -> bool;

    /// Returns the next frame for the other side that is due.
    fn next(&mut self, now: Instant) -> Option<Frame>;

    /// Returns when the next frame is due, unless another frame is read before.
    fn due(&self) -> Option<Instant>;
}

/// An object that answers the clients of a program in its place, such as a replay.
pub(crate) trait Interpose: fmt::Debug + Send + Sync {
    /// Returns the interposer of a new session, whose access it gets.
    fn session(&self, access: Arc<AccessCell>) -> Box<dyn Interposer>;

    /// Takes the request of a client that has no connection and is trusted. Breaks with the reply and the time at which
    /// it is sent, or with `None` for an event. Continues if the program is to answer.
    #[cfg(feature = "server")]
    fn single(&self, request: Frame, now: Instant) -> ControlFlow<Option<(Frame, Instant)>>;
}

/// A transport with an optional interposer. Without one, it passes all frames on unchanged.
pub(crate) struct Interposed<T> {
    transport: T,
    interposing: Option<Interposing>,
}

struct Interposing {
    interposer: Box<dyn Interposer>,
    /// Frames that the transport has not taken yet.
    waiting: VecDeque<Frame>,
    timer: Option<Pin<Box<Sleep>>>,
    /// The waker of the reader, if reading has stopped until waiting frames are written.
    reader: Option<Waker>,
    tap: Option<FrameTap>,
}

impl<T> Interposed<T> {
    /// `tap` is shown the frames that the driver does not see.
    pub(crate) fn new(
        transport: T,
        interposer: Option<Box<dyn Interposer>>,
        tap: Option<FrameTap>,
    ) -> Self {
        let interposing = interposer.map(|interposer| Interposing {
            interposer,
            waiting: VecDeque::new(),
            timer: None,
            reader: None,
            tap,
        });
        Self {
            transport,
            interposing,
        }
    }
}

impl Interposing {
    /// Reads the next frame that the driver is to receive. Pending while there is none.
    fn poll_next<T: Transport>(
        &mut self,
        transport: &mut T,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame, TransportError>>> {
        loop {
            self.collect();
            let written = self.poll_write(transport, context)?;
            if self.waiting.len() >= MOST_WAITING {
                // When the transport takes frames again, it may wake only the task that writes next. So the reader's waker
                // is stored here.
                self.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            if written.is_ready() {
                let _ = Pin::new(&mut *transport).poll_flush(context)?;
            }
            match Pin::new(&mut *transport).poll_next(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let shown = frame.clone();
                    match self.interposer.read(frame, Instant::now()) {
                        Some(frame) => return Poll::Ready(Some(Ok(frame))),
                        None => self.show(FrameDirection::Read, &shown),
                    }
                }
                Poll::Ready(ended) => return Poll::Ready(ended),
                Poll::Pending => {
                    if self.poll_timer(context).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// Ready if a frame may be due now.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.interposer.due() else {
            self.timer = None;
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        ready!(timer.as_mut().poll(context));
        self.timer = None;
        Poll::Ready(())
    }

    /// Takes the frames that are due.
    fn collect(&mut self) {
        while self.waiting.len() < MOST_WAITING {
            let Some(frame) = self.interposer.next(Instant::now()) else {
                break;
            };
            self.show(FrameDirection::Written, &frame);
            self.waiting.push_back(frame);
        }
    }

    fn show(&self, direction: FrameDirection, frame: &Frame) {
        if let Some(tap) = &self.tap {
            tap.saw(direction, frame);
        }
    }

    /// Hands the waiting frames to the transport. Ready when it has taken all of them.
    fn poll_write<T: Transport>(
        &mut self,
        transport: &mut T,
        context: &mut Context<'_>,
    ) -> TransportPoll {
        while !self.waiting.is_empty() {
            ready!(Pin::new(&mut *transport).poll_ready(context))?;
            if let Some(frame) = self.waiting.pop_front() {
                Pin::new(&mut *transport).start_send(frame)?;
            }
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> Transport for Interposed<T> {
    const SAYS_WHEN_READABLE: bool = T::SAYS_WHEN_READABLE;

    fn is_half_closed(&self) -> bool {
        self.transport.is_half_closed()
    }

    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.transport.poll_linger(context)
    }

    fn closes_because(&mut self, reason: &CloseReason) {
        self.transport.closes_because(reason);
    }
}

impl<T: Transport> Stream for Interposed<T> {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match &mut this.interposing {
            None => Pin::new(&mut this.transport).poll_next(context),
            Some(interposing) => interposing.poll_next(&mut this.transport, context),
        }
    }
}

impl<T: Transport> Sink<Frame> for Interposed<T> {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        let this = &mut *self;
        match &mut this.interposing {
            None => Pin::new(&mut this.transport).poll_ready(context),
            Some(interposing) => {
                let written = interposing.poll_write(&mut this.transport, context)?;
                if written.is_ready() || interposing.waiting.len() < MOST_WAITING {
                    Poll::Ready(Ok(()))
                } else {
                    Poll::Pending
                }
            }
        }
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        let this = &mut *self;
        match &mut this.interposing {
            None => Pin::new(&mut this.transport).start_send(frame),
            Some(interposing) => {
                if interposing.interposer.admits(&frame) {
                    interposing.waiting.push_back(frame);
                }
                Ok(())
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        let this = &mut *self;
        if let Some(interposing) = &mut this.interposing {
            ready!(interposing.poll_write(&mut this.transport, context))?;
        }
        Pin::new(&mut this.transport).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        let this = &mut *self;
        if let Some(interposing) = &mut this.interposing {
            ready!(interposing.poll_write(&mut this.transport, context))?;
        }
        Pin::new(&mut this.transport).poll_close(context)
    }
}
