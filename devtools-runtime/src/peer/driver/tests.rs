//! The order of reading and writing, and when the driver wakes up.

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
    AccessCell, ConnectionAccess, Frame, FrameBatch, FrameSource, Functions, Peer, PeerQueue,
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

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
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

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.noted(|noted| noted.flushes += 1);
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
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
    let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
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
        .map(|_| Box::pin(peer.call_dynamic::<_, Value>("my-plugin:get-data", Encoding::Json, &())))
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
    // Other tasks that are ready may add to it.
    assert_eq!(wire.noted(|noted| noted.flushes), flushes);
    peer.try_send(Frame::from("{}".to_owned())).unwrap();
    assert!(running.as_mut().poll(&mut context).is_pending());
    assert_eq!(
        wire.noted(|noted| (noted.written.len(), noted.flushes)),
        (13, flushes)
    );

    tokio::task::yield_now().await;
    assert_eq!(woken.0.load(Ordering::Relaxed), 3);
    assert!(running.as_mut().poll(&mut context).is_pending());
    assert_eq!(
        wire.noted(|noted| (noted.written.len(), noted.flushes)),
        (13, flushes + 1)
    );
}

#[tokio::test]
async fn a_reply_that_is_ready_at_once_is_flushed_at_once() {
    let (_peer, mut queue, _closing) = connection();
    let wire = Wire::default();
    let mut driver = driver(&wire, &mut queue);
    let mut running = pin!(driver.run());
    let mut context = Context::from_waker(Waker::noop());
    for turn in 1..4 {
        wire.noted(|noted| noted.incoming.push_back(request(turn, "")));
        wire.noted(|noted| noted.reader.take().map(Waker::wake));
        assert!(running.as_mut().poll(&mut context).is_pending());
        let turn = turn as usize;
        assert_eq!(
            wire.noted(|noted| (noted.written.len(), noted.flushes)),
            (turn, turn)
        );
    }
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

#[tokio::test]
async fn callers_go_on_while_more_replies_are_there_to_be_read() {
    let (peer, mut queue, _closing) = connection();
    let wire = Wire::default();
    let mut driver = driver(&wire, &mut queue);
    let mut running = pin!(driver.run());
    let mut context = Context::from_waker(Waker::noop());
    let call =
        || Box::pin(peer.call_dynamic::<_, Value>("my-plugin:get-data", Encoding::Json, &()));
    let mut calls: Vec<_> = (0..64).map(|_| call()).collect();
    for call in &mut calls {
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    assert!(running.as_mut().poll(&mut context).is_pending());
    let id_of = |frame: &Frame| serde_json::from_str::<Value>(frame.as_str()).unwrap()["i"].clone();
    wire.noted(|noted| {
        let reply = |frame| format!(r#"{{"t":"s","i":{},"r":7}}"#, id_of(frame));
        noted.incoming = noted.written.iter().map(reply).collect();
        noted.reader.take().unwrap().wake();
    });

    let mut later = Vec::new();
    for turn in 0..4 {
        let flushes = wire.noted(|noted| noted.flushes);
        assert!(running.as_mut().poll(&mut context).is_pending());
        // The requests that the callers of the turn before have made are on their way.
        assert_eq!(
            wire.noted(|noted| (noted.written.len(), noted.flushes)),
            (64 + 16 * turn, flushes + 1)
        );
        let before = calls.len();
        calls.retain_mut(|call| call.as_mut().poll(&mut context).is_pending());
        assert_eq!(before - calls.len(), 16);
        for _ in 0..16 {
            let mut call = call();
            assert!(call.as_mut().poll(&mut context).is_pending());
            later.push(call);
        }
    }
    assert!(calls.is_empty());
}
