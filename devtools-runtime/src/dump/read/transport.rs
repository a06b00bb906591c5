//! A connection to a static dump.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::task::JoinSet;

use crate::dump::read::static_dump::StaticDump;
use crate::peer::{CloseReason, Frame, Limits, Transport, TransportError, TransportPoll};

/// A connection to a static dump: its files answer the requests that are sent.
///
/// Each request runs in a task, and at most `calls_in_flight` run at once. The tasks end with the connection.
pub(crate) struct StaticTransport {
    dump: Arc<StaticDump>,
    running: JoinSet<Option<String>>,
    /// Replies that were not read yet.
    ready: VecDeque<Result<String, TransportError>>,
    calls_in_flight: usize,
    /// The waker of the task that waits for a reply.
    reader: Option<Waker>,
    is_closed: bool,
}

impl StaticTransport {
    pub(crate) fn new(dump: StaticDump, limits: &Limits) -> Self {
        Self {
            dump: Arc::new(dump),
            running: JoinSet::new(),
            ready: VecDeque::new(),
            calls_in_flight: limits.calls_in_flight.max(1),
            reader: None,
            is_closed: false,
        }
    }

    fn has_room(&self) -> bool {
        self.is_closed || self.running.len() + self.ready.len() < self.calls_in_flight
    }

    /// Collects the replies of the tasks that have ended.
    fn collect(&mut self, context: &mut Context<'_>) {
        while let Poll::Ready(Some(ended)) = self.running.poll_join_next(context) {
            match ended {
                Ok(Some(reply)) => self.ready.push_back(Ok(reply)),
                Ok(None) => {}
                Err(error) => {
                    let broken = TransportError::Broken(error.into());
                    self.ready.push_back(Err(broken));
                }
            }
        }
    }
}

impl Transport for StaticTransport {
    fn closes_because(&mut self, _reason: &CloseReason) {
        // Nobody waits for the answers any more.
        self.is_closed = true;
        self.running.abort_all();
    }
}

impl Stream for StaticTransport {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.collect(context);
        if let Some(reply) = self.ready.pop_front() {
            return Poll::Ready(Some(reply.map(Frame::from)));
        }
        if self.is_closed {
            return Poll::Ready(None);
        }
        // `start_send` and `poll_close` wake the reader. While no task runs, nothing else would.
        self.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Sink<Frame> for StaticTransport {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        if !self.has_room() {
            self.collect(context);
        }
        if self.has_room() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        if self.is_closed {
            return Ok(());
        }
        let dump = Arc::clone(&self.dump);
        self.running.spawn(async move { dump.answer(&frame).await });
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        self.is_closed = true;
        self.running.abort_all();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(()))
    }
}
