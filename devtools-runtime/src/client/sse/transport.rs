//! The transport of a session: a stream and sink of frames.
//!
//! # Order
//!
//! Each POST is a request on a connection of its own, so POSTs can overtake each other in the network and in the server. The
//! transport guarantees:
//!
//! - After an event, no call or event is sent before the server has acknowledged it. So events arrive in order, and before
//!   every later call.
//! - An event is sent after every earlier call was handed to the operating system. It can overtake those calls only in the
//!   network, or in a server that reads its connections in another order.
//! - Calls have no order among each other.
//! - Replies and cancellations are sent without waiting for other frames, so they have no order. A cancelled call that is still
//!   in the backlog is not sent.
//! - Events of the stream arrive in order. A reply arrives on another connection and says how many events were sent before it:
//!   it is passed on after those events. If the server does not say it, the reply is passed on when no further event has
//!   arrived, so that events that a function sends before it returns usually come before its reply.
//!
//! # Bounds
//!
//! At most `calls_in_flight` calls run at once, each on a connection of its own. The backlog has at most
//! `waiting_bytes` bytes. When it is full, the transport accepts no further frame.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, Sleep, sleep};

use crate::client::http::HttpConnection;
use crate::client::sse::backlog::Backlog;
use crate::client::sse::events::Event;
use crate::client::sse::posts::{
    Address, AnsweredPost, ArrivedReply, Earlier, LeavingPost, PostKind,
};
use crate::client::sse::stream::EventStream;
use crate::peer::{Frame, Limits, Transport, TransportError, TransportPoll};

/// The number of idle connections that are kept for later POSTs.
const IDLE_CONNECTIONS: usize = 8;

/// How long an idle connection is kept. Servers close idle connections too, Node's after five seconds, and a POST that is sent
/// at that moment is lost.
const IDLE_TIME: Duration = Duration::from_secs(3);

/// How many events may be passed on before a reply that waits.
const EVENTS_BEFORE_A_REPLY: usize = 64;

/// The client's end of a session. Dropping it ends the session and drops the POSTs that wait.
///
/// One task polls it, as a stream and as a sink.
pub(crate) struct SseTransport {
    phase: Phase,
    address: Arc<Address>,
    posts: JoinSet<Result<AnsweredPost, TransportError>>,
    /// Calls and events that may not be sent yet.
    backlog: Backlog,
    /// The POSTs that wait for a reply, by the ids of their calls.
    calls: HashMap<u64, AbortHandle>,
    /// Whether an event was sent and is not acknowledged yet.
    event_under_way: bool,
    /// The number of POSTs other than calls that are not acknowledged yet.
    unacknowledged: usize,
    /// The channel whose sender every call since the last event owns until it was sent.
    leaving: (mpsc::Sender<Infallible>, Earlier),
    /// The idle connections, each with the time of its last use.
    idle: Vec<(HttpConnection, Instant)>,
    /// Replies that have arrived and were not passed on yet.
    replies: VecDeque<ArrivedReply>,
    /// The number of events that have arrived.
    events: u64,
    /// The number of events that were passed on before the reply that waits.
    passed: usize,
    limits: Limits,
}

enum Phase {
    Open(EventStream),
    /// The server has ended the stream. Replies that it sent before may still arrive until the timer ends.
    Ending(Pin<Box<Sleep>>),
    Over,
}

impl SseTransport {
    pub(super) fn new(events: EventStream, address: Arc<Address>, limits: &Limits) -> Self {
        Self {
            phase: Phase::Open(events),
            address,
            posts: JoinSet::new(),
            backlog: Backlog::default(),
            calls: HashMap::new(),
            event_under_way: false,
            unacknowledged: 0,
            leaving: mpsc::channel(1),
            idle: Vec::new(),
            replies: VecDeque::new(),
            events: 0,
            passed: 0,
            limits: limits.calls_in_flight(limits.calls_in_flight.max(1)),
        }
    }

    /// Processes the answered POSTs.
    fn poll_posts(&mut self, context: &mut Context<'_>) -> Result<(), TransportError> {
        while let Poll::Ready(Some(ended)) = self.posts.poll_join_next(context) {
            match ended {
                Ok(Ok(answered)) => self.settle(answered),
                // A server refuses the open POSTs of a session that has ended.
                Ok(Err(error)) if matches!(self.phase, Phase::Ending(_)) => {
                    tracing::debug!(%error, "a POST was not answered, because its session has ended");
                }
                Ok(Err(error)) => {
                    self.end();
                    return Err(error);
                }
                Err(aborted) if aborted.is_cancelled() => {}
                Err(panicked) => {
                    self.end();
                    return Err(TransportError::Broken(panicked.into()));
                }
            }
        }
        self.send_backlog();
        Ok(())
    }

    /// Sends the frames of the backlog that may be sent now.
    fn send_backlog(&mut self) {
        while !self.event_under_way && matches!(self.phase, Phase::Open(_)) {
            let calls = self.posts.len() - self.unacknowledged;
            let has_room = calls < self.limits.calls_in_flight;
            let may_leave = |kind| has_room || !matches!(kind, PostKind::Call(_));
            let Some((frame, kind)) = self.backlog.pop_if(may_leave) else {
                return;
            };
            self.post(frame, kind);
        }
    }

    fn post(&mut self, frame: Frame, kind: PostKind) {
        let (before_events, earlier) = match kind {
            PostKind::Call(_) => (Some(self.leaving.0.clone()), None),
            PostKind::Event => {
                let (_, earlier) = std::mem::replace(&mut self.leaving, mpsc::channel(1));
                (None, Some(earlier))
            }
            PostKind::Cancel(_) | PostKind::Reply => (None, None),
        };
        let text = LeavingPost {
            frame,
            _before_events: before_events,
        };
        let connection = self.idle_connection();
        let address = Arc::clone(&self.address);
        let post = async move { address.post(connection, text, kind, earlier).await };
        let task = self.posts.spawn(post);
        match kind {
            PostKind::Call(Some(id)) => drop(self.calls.insert(id, task)),
            PostKind::Call(None) => {}
            PostKind::Event | PostKind::Cancel(_) | PostKind::Reply => self.unacknowledged += 1,
        }
        self.event_under_way |= kind == PostKind::Event;
    }

    fn settle(&mut self, answered: AnsweredPost) {
        match answered.kind {
            PostKind::Call(id) => {
                id.and_then(|id| self.calls.remove(&id));
            }
            PostKind::Event => {
                self.event_under_way = false;
                self.unacknowledged -= 1;
            }
            PostKind::Cancel(call) => {
                self.unacknowledged -= 1;
                // The server may drop the cancelled call, and then its POST is never answered.
                if let Some(post) = self.calls.remove(&call) {
                    post.abort();
                }
            }
            PostKind::Reply => self.unacknowledged -= 1,
        }
        self.replies.extend(answered.reply);
        if let Some(connection) = answered.connection {
            if self.idle.len() < IDLE_CONNECTIONS {
                self.idle.push((connection, Instant::now()));
            }
        }
    }

    /// Takes an idle connection for the next POST, if there is one.
    fn idle_connection(&mut self) -> Option<HttpConnection> {
        let (connection, since) = self.idle.pop()?;
        if since.elapsed() < IDLE_TIME {
            return Some(connection);
        }
        self.idle.clear(); // the others have been idle for longer
        None
    }

    /// Takes a reply whose events have all arrived.
    fn due_reply(&mut self) -> Option<Frame> {
        let is_due =
            |reply: &ArrivedReply| reply.after_events.is_some_and(|after| after <= self.events);
        let at = self.replies.iter().position(is_due)?;
        self.replies.remove(at).map(|reply| reply.frame)
    }

    fn has_unordered_reply(&self) -> bool {
        let mut replies = self.replies.iter();
        replies.any(|reply| reply.after_events.is_none())
    }

    /// Takes a reply for which the server did not say how many events come before it. After the end of the stream, takes any.
    fn other_reply(&mut self) -> Option<Frame> {
        let is_open = matches!(self.phase, Phase::Open(_));
        let may_pass = |reply: &ArrivedReply| !is_open || reply.after_events.is_none();
        let at = self.replies.iter().position(may_pass)?;
        self.replies.remove(at).map(|reply| reply.frame)
    }

    fn end(&mut self) {
        self.phase = Phase::Over;
        self.posts.abort_all();
        self.idle.clear();
    }

    /// Calls [`poll_posts`](Self::poll_posts) for the sending half, and wakes the reading half.
    fn poll_posts_to_send(&mut self, context: &mut Context<'_>) -> Result<(), TransportError> {
        let before = self.replies.len();
        self.poll_posts(context)?;
        if self.replies.len() > before {
            context.waker().wake_by_ref();
        }
        Ok(())
    }
}

impl Stream for SseTransport {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        this.poll_posts(context)?;
        if let Some(reply) = this.due_reply() {
            return Poll::Ready(Some(Ok(reply)));
        }
        while this.passed < EVENTS_BEFORE_A_REPLY || !this.has_unordered_reply() {
            let Phase::Open(events) = &mut this.phase else {
                break;
            };
            match events.poll_next(context) {
                Poll::Ready(Some(Ok(Event::Frame(text)))) => {
                    this.events += 1;
                    this.passed += 1;
                    return Poll::Ready(Some(Ok(text.into())));
                }
                Poll::Ready(Some(Ok(Event::Session(_)))) => {
                    tracing::debug!("dropped a second session event");
                }
                Poll::Ready(Some(Err(error))) => {
                    this.end();
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => this.phase = Phase::Ending(Box::pin(sleep(this.limits.grace))),
                Poll::Pending => break,
            }
        }
        if let Some(reply) = this.other_reply() {
            this.passed = 0;
            return Poll::Ready(Some(Ok(reply)));
        }
        match &mut this.phase {
            Phase::Open(_) => return Poll::Pending,
            Phase::Ending(grace) if !this.posts.is_empty() => ready!(grace.as_mut().poll(context)),
            Phase::Ending(_) | Phase::Over => {}
        }
        this.end();
        Poll::Ready(None)
    }
}

impl Transport for SseTransport {}

impl Sink<Frame> for SseTransport {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        self.poll_posts_to_send(context)?;
        match &mut self.phase {
            Phase::Open(_) => {}
            // This is not an error, because a driver that receives an error no longer reads the replies that have arrived.
            Phase::Ending(grace) => {
                ready!(grace.as_mut().poll(context));
                return Poll::Ready(Err(gone()));
            }
            Phase::Over => return Poll::Ready(Err(gone())),
        }
        let bound = self.limits.calls_in_flight;
        let is_full = self.backlog.is_full(&self.limits)
            || self.unacknowledged >= bound
            || self.replies.len() >= bound;
        if is_full {
            Poll::Pending
        } else {
            Poll::Ready(Ok(()))
        }
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        let this = &mut *self;
        if !matches!(this.phase, Phase::Open(_)) {
            return Err(gone());
        }
        match PostKind::of(&frame) {
            PostKind::Cancel(call) if this.backlog.remove(call) => {}
            kind @ (PostKind::Cancel(_) | PostKind::Reply) => this.post(frame, kind),
            kind @ (PostKind::Call(_) | PostKind::Event) => {
                this.backlog.push(frame, kind);
                this.send_backlog();
            }
        }
        Ok(())
    }

    /// Returns `Ready` when the backlog is empty and all POSTs except calls are acknowledged.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        self.poll_posts_to_send(context)?;
        if self.unacknowledged == 0 && self.backlog.is_empty() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// Ends the session and drops the POSTs that are not answered yet.
    fn poll_close(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> TransportPoll {
        self.end();
        Poll::Ready(Ok(()))
    }
}

fn gone() -> TransportError {
    TransportError::Broken("the server has ended the event stream".into())
}
