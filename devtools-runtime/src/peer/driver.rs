//! The driver of a connection: the future that owns it.
//!
//! One task per connection reads, dispatches and writes. Everything that is ready is done in one [turn](Turn): the driver
//! writes the queued frames and replies, reads and dispatches the requests that have arrived, and writes the chunks of
//! streams. Each of the three has a share of the turn. Chunks come last, so that a transport with little room uses it for
//! replies. The transport is flushed once, when there is nothing more to do, or [when other tasks have queued their
//! frames](Gather).
//!
//! Requests are held instead of dispatched while the transport takes no more frames, because the other side does not
//! read, or while too many calls run. Beyond a limit of held requests, the driver stops reading, so that the other side
//! cannot send more (back-pressure), and no request is lost. Three kinds of frames are never held: replies to this
//! side's own calls, so that two peers with full queues do not wait for each other; cancellations, which make room; and
//! the question whether this side is alive.
//!
//! Frames that a handler sends before it returns are written before its reply ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::peer::alive::ALIVE;
use crate::peer::cancel::CANCEL;
use crate::peer::dispatcher::Dispatcher;
use crate::peer::endpoint::PeerQueue;
use crate::peer::frame::{Frame, TransportError};
use crate::peer::functions::Functions;
use crate::peer::gather::{EndOfTurn, Gather};
use crate::peer::held_requests::HeldRequests;
use crate::peer::outbound::WakeReasons;
use crate::peer::reply::Reply;
use crate::peer::running::RunningCalls;
use crate::peer::transport::{Transport, TransportPoll};
use crate::peer::turn::{Turn, TurnShare};
use crate::wire::{Envelope, FrameText, RequestId};

/// The driver of one connection. [`run`](Self::run) is the future that does its work.
pub(crate) struct Driver<'q, T> {
    transport: T,
    dispatcher: Dispatcher,
    peer: &'q mut PeerQueue,
    held: HeldRequests,
    queued_reply: Option<QueuedReply>,
    /// Whether reading has stopped because of `calls_in_flight` and `waiting_bytes`.
    paused: bool,
    /// Whether the transport may have a frame to read. A transport that [reports this](Transport::SAYS_WHEN_READABLE)
    /// is not polled for frames until it has woken `read`. Any other one is polled in every turn.
    readable: bool,
    /// The waker by which the transport wakes this driver to read.
    read: Waker,
    /// Whether the driver was polled before.
    begun: bool,
    gather: Gather,
    /// The size in bytes of the largest frame that the transport was given.
    largest: usize,
}

/// A reply that is written after the frames that were queued before it.
struct QueuedReply {
    reply: Frame,
    /// The number of queued frames that are written first.
    frames_before: usize,
}

/// Tells whether a request that arrives can be dispatched at once. Otherwise it is held.
#[derive(Debug, Clone, Copy)]
struct RequestRoom {
    /// Whether its reply could be written at once.
    for_reply: bool,
    /// Whether its call could run now: no earlier request is held, and the limit of running calls is not reached.
    for_call: bool,
}

impl<'q, T: Transport> Driver<'q, T> {
    pub(crate) fn new(transport: T, functions: Functions, peer: &'q mut PeerQueue) -> Self {
        let counters = Arc::clone(&peer.counters);
        let read = peer.queue.waker_for(WakeReasons {
            read: true,
            ..WakeReasons::default()
        });
        let limits = peer.limits.frame_bytes(peer.bound.get());
        let dispatcher = Dispatcher::new(functions, &limits, counters);
        Self {
            transport,
            dispatcher,
            peer,
            held: HeldRequests::default(),
            queued_reply: None,
            paused: false,
            readable: true,
            read,
            begun: false,
            gather: Gather::default(),
            largest: 0,
        }
    }

    /// Serves the connection until either side closes it. If this side closes it, the queued frames are delivered first; otherwise
    /// they stay in the queue.
    pub(crate) async fn run(&mut self) -> Result<(), TransportError> {
        let closing = self.peer.closing.clone();
        let ended = {
            let mut closed = pin!(closing.given());
            poll_fn(|context| self.poll_open(closed.as_mut(), context)).await
        };
        match ended {
            // The other side sends no more, but still reads the replies to its requests.
            Some(Ok(())) if self.transport.is_half_closed() => {
                tracing::debug!("the other side sends no more");
            }
            Some(ended) => {
                if ended.is_err() {
                    self.linger().await;
                }
                self.peer.counters.calls_running.set(0);
                return ended;
            }
            None => {
                let reason = closing.close_reason();
                tracing::debug!(%reason, "closes");
                self.transport.closes_because(reason);
            }
        }
        // Replies and queued frames are delivered if the other side takes them in time.
        self.peer.pending.close();
        self.peer.queue.close();
        // Streams may have no end.
        self.peer.lane.clear();
        let closed = Box::pin(tokio::time::timeout(
            self.peer.limits.grace,
            self.drain_and_close(),
        ));
        if closed.await.is_err() {
            tracing::debug!(
                "closed before all replies and queued frames were delivered: `grace` is over"
            );
        }
        self.peer.counters.calls_running.set(0);
        Ok(())
    }

    /// Returns the calls that still run when the connection has ended.
    pub(crate) fn into_running(self) -> RunningCalls {
        self.dispatcher.into_running()
    }

    /// Gives the other side the time to read why the connection ends.
    async fn linger(&mut self) {
        let lingered = poll_fn(|context| self.transport.poll_linger(context));
        if Box::pin(tokio::time::timeout(self.peer.limits.grace, lingered))
            .await
            .is_err()
        {
            tracing::debug!("the other side did not end the connection within `grace`");
        }
    }

    /// Delivers the replies and queued frames, and closes the transport.
    async fn drain_and_close(&mut self) -> Result<(), TransportError> {
        poll_fn(|context| self.poll_drained(context)).await?;
        poll_fn(|context| Pin::new(&mut self.transport).poll_close(context)).await
    }

    /// Does everything that can be done now. Ready when the connection has ended, with `None` if this side closes it.
    fn poll_open(
        &mut self,
        closed: Pin<&mut impl Future<Output = ()>>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(), TransportError>>> {
        // Polling `closed` takes locks, so it is polled only if it is a reason of this wake-up.
        let reasons = self.peer.queue.awake();
        self.readable |= reasons.read || !T::SAYS_WHEN_READABLE;
        if reasons.close || !self.begun {
            self.begun = true;
            let waker = self.peer.queue.waker_for(WakeReasons {
                close: true,
                ..WakeReasons::default()
            });
            if closed.poll(&mut Context::from_waker(&waker)).is_ready() {
                return Poll::Ready(None);
            }
        }
        self.poll(context, reasons.flush).map(Some)
    }

    /// Does everything that can be done now. Ready once the connection has ended. `is_gathered` says that the tasks
    /// that the flush waits for have run.
    fn poll(&mut self, context: &mut Context<'_>, is_gathered: bool) -> TransportPoll {
        let mut turn = Turn::new();
        loop {
            let all_written = self.poll_write(context, &mut turn.written)?;
            let before = turn.read.frames();
            self.poll_held(context, &mut turn.read)?;
            if self.poll_read(context, &mut turn.read)?.is_ready() {
                return Poll::Ready(Ok(()));
            }
            let has_read = turn.read.frames() < before;
            if has_read && !turn.is_over() {
                // Handlers may have queued something.
                continue;
            }
            let no_chunks = self.poll_chunks(context, &mut turn.chunks)?;
            if turn.is_over() {
                context.waker().wake_by_ref();
                break;
            }
            if self
                .poll_asleep(context, all_written && no_chunks)
                .is_pending()
            {
                break;
            }
        }
        self.count_running();
        let end = if turn.read.is_over() || (turn.has_read() && self.gather.waits_for_chunks()) {
            // More frames are to be read, or a reply may be among the chunks that wait for the flush. The written
            // frames are sent meanwhile.
            self.gather.note_flush();
            EndOfTurn::Flush
        } else {
            if turn.has_many_chunks() && !turn.has_read() {
                self.gather.note_chunks();
            }
            self.gather.end_turn(is_gathered)
        };
        match end {
            EndOfTurn::Flush => {
                // Pending or not: the transport wakes this task when it can go on.
                let _ = Pin::new(&mut self.transport).poll_flush(context)?;
            }
            EndOfTurn::BeginWait => self.wake_after_ready_tasks(),
            EndOfTurn::Wait => {}
        }
        Poll::Pending
    }

    /// Asks to be woken to flush when the tasks that are ready now have run.
    fn wake_after_ready_tasks(&self) {
        let waker = self.peer.queue.waker_for(WakeReasons {
            flush: true,
            ..WakeReasons::default()
        });
        // `yield_now` hands the waker to the runtime in its first poll, so the future need not be polled again.
        let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(&waker));
    }

    /// Registers the driver's waker. Ready if everything was written, and something new was queued meanwhile.
    fn poll_asleep(&mut self, context: &mut Context<'_>, all_written: bool) -> Poll<()> {
        if all_written {
            self.peer.lane.shrink();
        }
        self.peer.queue.poll_asleep(context, all_written)
    }

    /// Writes the queued frames and the replies. Ready when every call has ended and its reply is delivered.
    fn poll_drained(&mut self, context: &mut Context<'_>) -> TransportPoll {
        let mut turn = Turn::new();
        let mut all_written = self.poll_write(context, &mut turn.written)?;
        // Held requests came before the other side closed its half. If this side closes, they are not dispatched.
        let takes_held = self.transport.is_half_closed();
        while takes_held && !turn.is_over() {
            let before = turn.read.frames();
            self.poll_held(context, &mut turn.read)?;
            if turn.read.frames() == before {
                break;
            }
            all_written = self.poll_write(context, &mut turn.written)?;
        }
        if turn.is_over() {
            context.waker().wake_by_ref();
        }
        let is_held = takes_held && !self.held.is_empty();
        self.count_running();
        let flushed = Pin::new(&mut self.transport)
            .poll_flush(context)?
            .is_ready();
        let done = all_written && flushed && !is_held && self.dispatcher.running() == 0;
        if done {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Writes the replies and queued frames that are ready, while the transport takes them. Returns whether it took them all.
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        share: &mut TurnShare,
    ) -> Result<bool, TransportError> {
        while !share.is_over() && self.has_room(context)? {
            let Some(frame) = self.next_frame(context) else {
                return Ok(true);
            };
            self.gather.note_written();
            share.take(frame.len());
            self.send(frame)?;
        }
        Ok(false)
    }

    /// Writes the chunks that are ready, while the transport takes them. Returns whether it took them all.
    fn poll_chunks(
        &mut self,
        context: &mut Context<'_>,
        share: &mut TurnShare,
    ) -> Result<bool, TransportError> {
        self.peer.lane.add(self.peer.queue.sources());
        while !share.is_over() && self.has_room(context)? {
            let Some(chunk) = self.peer.lane.next() else {
                return Ok(true);
            };
            share.take(chunk.len());
            self.send(chunk)?;
        }
        Ok(false)
    }

    /// Returns the reply or queued frame to be written next.
    fn next_frame(&mut self, context: &mut Context<'_>) -> Option<Frame> {
        loop {
            if let Some(queued) = self.queued_reply.take() {
                let Some(frames_before) = queued.frames_before.checked_sub(1) else {
                    return Some(queued.reply);
                };
                let Some(frame) = self.peer.queue.next() else {
                    return Some(queued.reply);
                };
                self.queued_reply = Some(QueuedReply {
                    frames_before,
                    ..queued
                });
                return Some(frame);
            }
            match self.dispatcher.poll_outcome(context) {
                Poll::Ready(None) => {}
                Poll::Ready(Some(reply)) => self.queue_reply(reply),
                Poll::Pending => return self.peer.queue.next(),
            }
        }
    }

    fn queue_reply(&mut self, reply: String) {
        self.queued_reply = Some(QueuedReply {
            reply: reply.into(),
            frames_before: self.peer.queue.len(),
        });
    }

    /// Writes a reply, for which the transport has room, or queues it if frames are queued before it.
    fn reply(&mut self, reply: String) -> Result<(), TransportError> {
        if self.peer.queue.len() > 0 {
            self.queue_reply(reply);
            return Ok(());
        }
        self.send(reply.into())
    }

    /// Writes a frame, for which the transport has room.
    fn send(&mut self, frame: Frame) -> Result<(), TransportError> {
        self.peer.writes(&frame);
        self.largest = self.largest.max(frame.len());
        Pin::new(&mut self.transport).start_send(frame)
    }

    /// Dispatches held requests, while there is room for their calls.
    fn poll_held(
        &mut self,
        context: &mut Context<'_>,
        share: &mut TurnShare,
    ) -> Result<(), TransportError> {
        while !share.is_over() && !self.held.is_empty() && self.can_dispatch(context)? {
            if let Some(frame) = self.held.pop() {
                let (reply, steps) = self.dispatcher.answer(frame.as_str());
                share.take(steps);
                if let Some(reply) = reply {
                    self.reply(reply)?;
                }
            }
        }
        Ok(())
    }

    /// Reads frames, while there are any. Ready when the other side has closed the connection.
    fn poll_read(&mut self, context: &mut Context<'_>, share: &mut TurnShare) -> TransportPoll {
        while !share.is_over() && self.readable && !self.held.is_full(self.peer.waiting_bytes()) {
            let mut reading = Context::from_waker(&self.read);
            let frame = match Pin::new(&mut self.transport).poll_next(&mut reading) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => {
                    match error {
                        TransportError::TooLarge { .. } => {
                            self.peer.counters.frames_too_large.add(1);
                        }
                        TransportError::Refused => self.peer.pending.refuse(self.largest),
                        TransportError::Dead | TransportError::Broken(_) => {}
                    }
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    self.readable = false;
                    break;
                }
            };
            self.peer.has_read(&frame);
            let room = RequestRoom {
                for_reply: self.can_reply(context)?,
                for_call: self.held.is_empty() && !self.dispatcher.is_full(),
            };
            if let Some(reply) = self.receive(frame, room, share) {
                self.reply(reply)?;
            }
        }
        self.note_pause();
        Poll::Pending
    }

    /// Counts and logs a pause of reading that is caused by the calls that run.
    fn note_pause(&mut self) {
        let paused = self.dispatcher.is_full() && self.held.is_full(self.peer.waiting_bytes());
        if paused && !self.paused {
            self.peer.counters.reading_paused.add(1);
            tracing::debug!(
                limit = self.peer.waiting_bytes(),
                "reading pauses: `calls_in_flight` calls run, and requests of `waiting_bytes` wait"
            );
        }
        self.paused = paused;
    }

    fn count_running(&self) {
        let running = self.dispatcher.running() as u64;
        self.peer.counters.calls_running.set(running);
    }

    fn can_dispatch(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        Ok(!self.dispatcher.is_full() && self.can_reply(context)?)
    }

    /// Returns whether the reply to a request could be written at once.
    fn can_reply(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        Ok(self.queued_reply.is_none() && self.has_room(context)?)
    }

    fn has_room(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        Ok(Pin::new(&mut self.transport)
            .poll_ready(context)?
            .is_ready())
    }

    /// Reads a frame and dispatches it. Returns the reply, if it is ready at once.
    fn receive(
        &mut self,
        frame: Frame,
        room: RequestRoom,
        share: &mut TurnShare,
    ) -> Option<String> {
        let text = match FrameText::open(frame.as_str()) {
            Ok(text) => text,
            Err(error) => {
                self.drop_unreadable(&error);
                share.take(frame.len());
                return None;
            }
        };
        let mut reply = None;
        match text.envelope() {
            Err(error) => self.drop_unreadable(&error),
            Ok(Envelope::Response(response)) => {
                if let Some(id) = response.id.as_ref().and_then(RequestId::counter) {
                    let reply = Reply::new(&frame, &response);
                    if let Some(waiting) = self.peer.pending.complete(id, reply) {
                        share.take_reply(waiting);
                    }
                }
            }
            Ok(Envelope::Request(request)) if request.method == CANCEL => {
                if let Some(id) = self.dispatcher.cancel(&request) {
                    self.drop_held(&id);
                }
            }
            Ok(Envelope::Request(request))
                if room.for_reply && (room.for_call || request.method == ALIVE) =>
            {
                reply = self.dispatcher.dispatch(request);
            }
            Ok(Envelope::Request(request)) => self.held.push(request.id, frame.to_keep()),
        }
        share.take(frame.len() + text.steps());
        reply
    }

    /// Drops a held call that nobody waits for any more, unless it is one that runs to its end.
    fn drop_held(&mut self, id: &RequestId) {
        let call = self.held.find(id);
        if call.is_some_and(|call| self.dispatcher.is_dropped_if_cancelled(call.as_str())) {
            self.held.remove(id);
        }
    }

    fn drop_unreadable(&self, error: &dyn std::fmt::Display) {
        self.peer.counters.frames_unreadable.add(1);
        tracing::debug!(%error, "dropped a frame");
    }
}

#[cfg(test)]
mod tests;
