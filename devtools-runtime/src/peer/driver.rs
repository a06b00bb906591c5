//! The future that owns a connection.
//!
//! One task per connection reads, dispatches and writes. Whatever is ready is done in one [turn](Turn): frames
//! that wait to be written are handed to the transport, requests that have arrived are answered, chunks of streams
//! follow, and only when there is nothing more to do is the transport flushed, once. Each of the three has a share of the
//! turn. Chunks come last, so that a transport with little room has it for replies.
//!
//! Two things make it hold back: the transport takes no more, because the other side does not read, or
//! too many calls run. Requests are then held, up to a bound, and beyond it nothing more is read: the
//! other side feels it, and nothing is lost. Replies to this side's own calls pass by what is held, so
//! that two peers that both have their hands full do not wait for each other.
//!
//! What a handler sends before it returns leaves before its reply ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::peer::dispatcher::Dispatcher;
use crate::peer::reply::Reply;
use crate::peer::running::RunningCalls;
use crate::peer::turn::{Share, Turn};
use crate::peer::{Frame, Functions, PeerQueue, Transport, TransportError, WakeReasons};
use crate::wire::{Envelope, FrameText, RequestId};

/// A connection at work.
pub(crate) struct Driver<'q, T> {
    transport: T,
    dispatcher: Dispatcher,
    peer: &'q mut PeerQueue,
    held: Held,
    owed: Option<Owed>,
    /// Whether nothing is read because of `calls_in_flight`.
    paused: bool,
    /// Whether there may be something to be read. Where the transport says when, a turn that only writes does not ask.
    readable: bool,
    /// Wakes this driver to read.
    read: Waker,
    /// Whether it was polled before.
    begun: bool,
    /// How many bytes the largest frame has that was handed to the transport.
    largest: usize,
}

/// A reply that leaves after what was queued before it.
struct Owed {
    reply: Frame,
    /// How many frames of the queue come first.
    behind: usize,
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
            held: Held::default(),
            owed: None,
            paused: false,
            readable: true,
            read,
            begun: false,
            largest: 0,
        }
    }

    /// Serves the connection until either side closes it. What waits on this side is left to whoever owns the
    /// queue, unless it is this side that closes.
    pub(crate) async fn run(&mut self) -> Result<(), TransportError> {
        let closing = self.peer.closing.clone();
        let ended = {
            let mut closed = pin!(closing.given());
            poll_fn(|context| self.poll_open(closed.as_mut(), context)).await
        };
        match ended {
            // Nothing more comes, but what it has asked for is still delivered.
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
        // What this side owes is delivered if the other side takes it in time.
        self.peer.pending.close();
        self.peer.queue.close();
        // Streams may have no end.
        self.peer.lane.clear();
        let farewell = Box::pin(tokio::time::timeout(
            self.peer.limits.grace,
            self.farewell(),
        ));
        if farewell.await.is_err() {
            tracing::debug!("closed without delivering what was left: `grace` is over");
        }
        self.peer.counters.calls_running.set(0);
        Ok(())
    }

    /// The calls that the connection leaves behind.
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

    async fn farewell(&mut self) -> Result<(), TransportError> {
        poll_fn(|context| self.poll_drained(context)).await?;
        poll_fn(|context| Pin::new(&mut self.transport).poll_close(context)).await
    }

    /// Does everything that can be done now. Ready once the connection has ended, with `None` if `closed` says so.
    fn poll_open(
        &mut self,
        closed: Pin<&mut impl Future<Output = ()>>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(), TransportError>>> {
        // To look whether it is closed takes locks, so that is not done each time: only when this has been said to be the
        // reason for waking up.
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
        self.poll(context).map(Some)
    }

    /// Does everything that can be done now. Ready once the connection has ended.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
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
        // Pending or not: the transport wakes this task when it can go on.
        let _ = Pin::new(&mut self.transport).poll_flush(context)?;
        Poll::Pending
    }

    /// Nothing is left to be done now: sleeps until there is.
    fn poll_asleep(&mut self, context: &mut Context<'_>, all_written: bool) -> Poll<()> {
        if all_written {
            self.peer.lane.shrink();
        }
        self.peer.queue.poll_asleep(context, all_written)
    }

    /// Writes what is left. Ready once every call has ended and its reply is delivered.
    fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let mut turn = Turn::new();
        let mut all_written = self.poll_write(context, &mut turn.written)?;
        // Requests that were held came before the other side's last word. Those of one that is told to go are not dispatched.
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

    /// Hands the transport the replies and queued frames that are ready, while it takes them. Returns whether it took them
    /// all.
    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        share: &mut Share,
    ) -> Result<bool, TransportError> {
        while !share.is_over() && self.has_room(context)? {
            let Some(frame) = self.next_frame(context) else {
                return Ok(true);
            };
            share.take(frame.len());
            self.send(frame)?;
        }
        Ok(false)
    }

    /// Hands the transport the chunks that are ready, while it takes them. Returns whether it took them all.
    fn poll_chunks(
        &mut self,
        context: &mut Context<'_>,
        share: &mut Share,
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
            if let Some(owed) = self.owed.take() {
                let Some(behind) = owed.behind.checked_sub(1) else {
                    return Some(owed.reply);
                };
                let Some(frame) = self.peer.queue.next() else {
                    return Some(owed.reply);
                };
                self.owed = Some(Owed { behind, ..owed });
                return Some(frame);
            }
            match self.dispatcher.poll_outcome(context) {
                Poll::Ready(None) => {}
                Poll::Ready(Some(reply)) => self.owe(reply),
                Poll::Pending => return self.peer.queue.next(),
            }
        }
    }

    fn owe(&mut self, reply: String) {
        self.owed = Some(Owed {
            reply: reply.into(),
            behind: self.peer.queue.len(),
        });
    }

    /// Writes a reply that is ready at once, for which there is room; or leaves it to `next_frame`.
    fn reply(&mut self, reply: String) -> Result<(), TransportError> {
        if self.peer.queue.len() > 0 {
            self.owe(reply);
            return Ok(());
        }
        self.send(reply.into())
    }

    /// Hands the transport a frame, for which it has room.
    fn send(&mut self, frame: Frame) -> Result<(), TransportError> {
        self.peer.counters.written(frame.len());
        self.largest = self.largest.max(frame.len());
        Pin::new(&mut self.transport).start_send(frame)
    }

    /// Dispatches requests that were held, while there is room for them.
    fn poll_held(
        &mut self,
        context: &mut Context<'_>,
        share: &mut Share,
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

    /// Reads frames, while there are any. Ready once the other side has closed the connection.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        share: &mut Share,
    ) -> Poll<Result<(), TransportError>> {
        while !share.is_over() && self.readable && !self.held.is_full(self.peer.most_held()) {
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
            self.peer.counters.read(frame.len());
            let can_dispatch = self.held.is_empty() && self.can_dispatch(context)?;
            let (reply, steps) = self.receive(frame, can_dispatch);
            share.take(steps);
            if let Some(reply) = reply {
                self.reply(reply)?;
            }
        }
        self.note_pause();
        Poll::Pending
    }

    /// Notices when reading stops because of the calls that run, and when it goes on.
    fn note_pause(&mut self) {
        let paused = self.dispatcher.is_full() && self.held.is_full(self.peer.most_held());
        if paused && !self.paused {
            self.peer.counters.reading_paused.add(1);
            tracing::debug!(
                limit = self.peer.limits.calls_in_flight,
                "reading pauses: there are `calls_in_flight` already"
            );
        }
        self.paused = paused;
    }

    fn count_running(&self) {
        let running = self.dispatcher.running() as u64;
        self.peer.counters.calls_running.set(running);
    }

    fn can_dispatch(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        Ok(self.owed.is_none() && !self.dispatcher.is_full() && self.has_room(context)?)
    }

    fn has_room(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        Ok(Pin::new(&mut self.transport)
            .poll_ready(context)?
            .is_ready())
    }

    /// Deals with a frame. Returns the reply, if there is one at once, and the steps that reading took.
    fn receive(&mut self, frame: Frame, can_dispatch: bool) -> (Option<String>, usize) {
        let text = match FrameText::open(frame.as_str()) {
            Ok(text) => text,
            Err(error) => {
                self.drop_unreadable(&error);
                return (None, frame.len());
            }
        };
        let mut reply = None;
        match text.envelope() {
            Err(error) => self.drop_unreadable(&error),
            Ok(Envelope::Response(response)) => {
                if let Some(id) = response.id.as_ref().and_then(RequestId::counter) {
                    self.peer
                        .pending
                        .complete(id, Reply::new(&frame, &response));
                }
            }
            Ok(Envelope::Request(request)) if can_dispatch => {
                reply = self.dispatcher.dispatch(request);
            }
            Ok(Envelope::Request(_)) => self.held.push(frame.clone()),
        }
        let steps = frame.len() + text.steps();
        (reply, steps)
    }

    fn drop_unreadable(&self, error: &dyn std::fmt::Display) {
        self.peer.counters.frames_unreadable.add(1);
        tracing::debug!(%error, "dropped a frame");
    }
}

/// Requests that wait until there is room for them, in their order.
#[derive(Default)]
struct Held {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl Held {
    fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether no further request may be held. A single one always may.
    fn is_full(&self, (frames, bytes): (usize, usize)) -> bool {
        !self.is_empty() && (self.frames.len() >= frames || self.bytes >= bytes)
    }

    fn push(&mut self, frame: Frame) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use std::any::{Any, TypeId};
    use std::collections::VecDeque;
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Wake, Waker};
    use std::time::Duration;

    use futures_core::Stream;
    use futures_sink::Sink;
    use serde_json::Value;
    use tokio_util::sync::CancellationToken;

    use super::Driver;
    use crate::function::{Registry, Scope, SharedScope};
    use crate::peer::{
        Access, AccessCell, Frame, FrameBatch, FrameSource, Functions, Peer, PeerQueue,
    };
    use crate::peer::{Transport, TransportError};
    use crate::wire::Encoding;

    /// A transport that writes down what is done with it.
    #[derive(Default)]
    struct Noted {
        incoming: VecDeque<String>,
        reader: Option<Waker>,
        reads: usize,
        written: Vec<Frame>,
        flushes: usize,
        /// How many frames it takes; `None` for any number.
        room: Option<usize>,
    }

    #[derive(Clone, Default)]
    struct Wire(Arc<Mutex<Noted>>);

    impl Wire {
        fn noted<T>(&self, look: impl FnOnce(&mut Noted) -> T) -> T {
            look(&mut self.0.lock().unwrap())
        }
    }

    impl Transport for Wire {
        const SAYS_WHEN_READABLE: bool = true;
    }

    impl Stream for Wire {
        type Item = Result<Frame, TransportError>;

        fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.noted(|noted| {
                noted.reads += 1;
                if let Some(frame) = noted.incoming.pop_front() {
                    return Poll::Ready(Some(Ok(Frame::from(frame))));
                }
                noted.reader = Some(context.waker().clone());
                Poll::Pending
            })
        }
    }

    impl Sink<Frame> for Wire {
        type Error = TransportError;

        fn poll_ready(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<(), TransportError>> {
            if self.noted(|noted| noted.room == Some(0)) {
                return Poll::Pending;
            }
            Poll::Ready(Ok(()))
        }

        fn start_send(self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
            self.noted(|noted| {
                noted.written.push(frame);
                noted.room = noted.room.map(|room| room - 1);
            });
            Ok(())
        }

        fn poll_flush(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<(), TransportError>> {
            self.noted(|noted| noted.flushes += 1);
            Poll::Ready(Ok(()))
        }

        fn poll_close(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Result<(), TransportError>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Counts how often the driver is woken.
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    struct Nothing;

    impl Scope for Nothing {
        fn find(&self, _: TypeId) -> Option<&(dyn Any + Send + Sync)> {
            None
        }
    }

    fn connection() -> (Peer, PeerQueue, CancellationToken) {
        let closing = CancellationToken::new();
        let access = Arc::new(AccessCell::new(Access::Open));
        let (peer, queue) = Peer::new(&Arc::default(), closing.clone(), access);
        (peer, queue, closing)
    }

    fn driver<'q>(wire: &Wire, queue: &'q mut PeerQueue) -> Driver<'q, Wire> {
        let functions = Functions::new(
            Registry::new().subscribe(),
            Arc::new(Nothing) as SharedScope,
        );
        Driver::new(wire.clone(), functions, queue)
    }

    /// A call of a function that is not there, which is answered at once.
    fn request(id: u32, argument: &str) -> String {
        format!(r#"{{"m":"nobody:knows","a":["{argument}"],"t":"q","i":"{id}"}}"#)
    }

    const CHUNK: &str = r#"{"m":"a:chunk","a":[],"t":"q"}"#;

    /// A stream that always has another chunk.
    struct Endless;

    impl FrameSource for Endless {
        fn take(&self, batch: &mut FrameBatch<'_>) {
            while !batch.is_full() {
                batch.push(Frame::from(CHUNK.to_owned()));
            }
        }
    }

    /// How many of the frames that were written are chunks, and how many are replies.
    fn counted(wire: &Wire) -> (usize, usize) {
        wire.noted(|noted| {
            let chunks = noted.written.iter().filter(|frame| frame.as_str() == CHUNK);
            let chunks = chunks.count();
            (chunks, noted.written.len() - chunks)
        })
    }

    #[tokio::test]
    async fn a_call_is_answered_beside_streams_that_never_pause() {
        for streams in [1, 16, 200] {
            let (peer, mut queue, _closing) = connection();
            let wire = Wire::default();
            let mut driver = driver(&wire, &mut queue);
            let mut running = pin!(driver.run());
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..streams {
                peer.offer(Arc::new(Endless));
            }
            assert!(running.as_mut().poll(&mut context).is_pending());
            for call in 1..=3 {
                wire.noted(|noted| {
                    noted.incoming.push_back(request(1, ""));
                    noted.reader.take().unwrap().wake();
                });
                let (chunks, _) = counted(&wire);
                assert!(running.as_mut().poll(&mut context).is_pending());
                let (later, replies) = counted(&wire);
                assert_eq!(replies, call, "with {streams} streams");
                assert!(later > chunks, "the streams go on");
            }
        }
    }

    #[tokio::test]
    async fn a_call_is_answered_where_streams_leave_the_transport_no_room() {
        let (peer, mut queue, _closing) = connection();
        let wire = Wire::default();
        wire.noted(|noted| noted.room = Some(2));
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let mut context = Context::from_waker(Waker::noop());
        peer.offer(Arc::new(Endless));
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(counted(&wire), (2, 0));
        wire.noted(|noted| {
            noted.incoming = (1..=3).map(|id| request(id, "")).collect();
            noted.reader.take().unwrap().wake();
        });
        // There is no room for a reply yet, so the requests are held.
        assert!(running.as_mut().poll(&mut context).is_pending());
        for expected in [(2, 2), (3, 3), (5, 3)] {
            wire.noted(|noted| noted.room = Some(2));
            assert!(running.as_mut().poll(&mut context).is_pending());
            assert_eq!(counted(&wire), expected);
        }
    }

    #[tokio::test]
    async fn chunks_are_written_beside_calls_that_never_pause() {
        let (peer, mut queue, _closing) = connection();
        let wire = Wire::default();
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let mut context = Context::from_waker(Waker::noop());
        peer.offer(Arc::new(Endless));
        wire.noted(|noted| noted.incoming = (0..10_000).map(|id| request(id, "")).collect());
        assert!(running.as_mut().poll(&mut context).is_pending());
        let (chunks, replies) = counted(&wire);
        assert!(chunks > 0 && replies > 0, "{chunks} and {replies}");
        assert!(replies < 10_000, "the turn has an end");
    }

    #[tokio::test]
    async fn a_turn_ends_by_what_is_read_and_not_by_frames_alone() {
        let (_peer, mut queue, _closing) = connection();
        let wire = Wire::default();
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let counted = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&counted));
        let mut context = Context::from_waker(&waker);
        let large = "x".repeat(50_000);
        wire.noted(|noted| noted.incoming = (0..10).map(|id| request(id, &large)).collect());
        for turn in 1..=5 {
            assert!(running.as_mut().poll(&mut context).is_pending());
            assert_eq!(wire.noted(|noted| noted.written.len()), 2 * turn);
            assert_eq!(counted.0.load(Ordering::Relaxed), turn, "it goes on");
        }
    }

    #[tokio::test]
    async fn whatever_is_ready_is_flushed_once() {
        let (peer, mut queue, _closing) = connection();
        let wire = Wire::default();
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let woken = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        assert!(running.as_mut().poll(&mut context).is_pending());

        let mut calls: Vec<_> = (0..10)
            .map(|_| {
                Box::pin(peer.call_dynamic::<_, Value>("my-plugin:get-data", Encoding::Json, &()))
            })
            .collect();
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        // The first one has woken it, and nothing more is needed.
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        wire.noted(|noted| {
            noted.incoming = [request(1, ""), request(2, "")].into();
            noted.reader.take().unwrap().wake();
        });
        let flushes = wire.noted(|noted| noted.flushes);
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(wire.noted(|noted| noted.written.len()), 12);
        assert_eq!(wire.noted(|noted| noted.flushes), flushes + 1);
    }

    #[tokio::test]
    async fn a_turn_that_only_writes_does_not_read() {
        let (peer, mut queue, _closing) = connection();
        let wire = Wire::default();
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let mut context = Context::from_waker(Waker::noop());
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(wire.noted(|noted| noted.reads), 1);
        peer.try_send(Frame::from("{}".to_owned())).unwrap();
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(
            wire.noted(|noted| (noted.written.len(), noted.reads)),
            (1, 1)
        );
        wire.noted(|noted| noted.reader.take()).unwrap().wake();
        assert!(running.as_mut().poll(&mut context).is_pending());
        assert_eq!(wire.noted(|noted| noted.reads), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_whose_other_side_does_not_read_can_be_closed() {
        let (peer, mut queue, closing) = connection();
        let wire = Wire::default();
        wire.noted(|noted| noted.room = Some(0));
        peer.try_send(Frame::from("{}".to_owned())).unwrap();
        let mut driver = driver(&wire, &mut queue);
        let mut running = pin!(driver.run());
        let counted = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&counted));
        let mut context = Context::from_waker(&waker);
        assert!(running.as_mut().poll(&mut context).is_pending());
        closing.cancel();
        assert_eq!(counted.0.load(Ordering::Relaxed), 1);
        let limit = Duration::from_secs(60);
        let ended = tokio::time::timeout(limit, running).await.expect("in time");
        assert!(ended.is_ok(), "{ended:?}");
        assert!(wire.noted(|noted| noted.written.is_empty()));
    }
}
