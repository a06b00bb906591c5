//! A connection to the other side, as everybody but its driver has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::function::{CallError, Delivery, NotifyError, Positional, RpcFunction};
use crate::peer::access::{Access, AccessCell};
use crate::peer::cache::ResultCache;
use crate::peer::close::{CloseReason, Closing};
use crate::peer::counters::{Counters, SessionStats};
use crate::peer::frame::Frame;
use crate::peer::lane::{FrameSource, Lane};
use crate::peer::limits::Limits;
use crate::peer::outbound::{Outbound, OutboundQueue, Unsent};
use crate::peer::pending::PendingCalls;
use crate::wire::{self, Envelope, FrameText, RequestId};

/// A connection to the other side. Cloning is cheap and gives the same connection.
#[derive(Debug, Clone)]
pub struct Peer {
    connection: Arc<Connection>,
    timeout: Option<Duration>,
    /// Whether this handle is for what goes on before there is trust.
    before_trust: bool,
}

#[derive(Debug)]
struct Connection {
    queue: Outbound,
    pending: Arc<PendingCalls>,
    closing: Closing,
    counters: Arc<Counters>,
    access: Arc<AccessCell>,
    cache: Option<Arc<ResultCache>>,
    /// The same for all connections of a context, of which there may be many.
    limits: Arc<Limits>,
    bound: Arc<FrameBound>,
    /// A call has waited in vain.
    doubt: Notify,
}

/// The largest frame that both sides take, in bytes.
#[derive(Debug)]
pub(crate) struct FrameBound(AtomicUsize);

impl FrameBound {
    /// Only this side's limit is known.
    fn new(limits: &Limits) -> Self {
        Self(AtomicUsize::new(limits.frame_bytes))
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// The other side takes frames of so many bytes, or has not said.
    #[cfg(feature = "client")]
    pub(crate) fn set_other(&self, limits: &Limits, other: Option<usize>) {
        let bound = other.map_or(limits.frame_bytes, |other| other.min(limits.frame_bytes));
        self.0.store(bound, Ordering::Relaxed);
    }
}

/// What the driver of a connection gets: the other ends of what its [`Peer`] holds.
#[derive(Debug)]
pub(crate) struct PeerQueue {
    pub(crate) queue: OutboundQueue,
    pub(crate) lane: Lane,
    pub(crate) pending: Arc<PendingCalls>,
    pub(crate) closing: Closing,
    pub(crate) counters: Arc<Counters>,
    pub(crate) limits: Arc<Limits>,
    access: Arc<AccessCell>,
    pub(crate) bound: Arc<FrameBound>,
}

impl Drop for PeerQueue {
    fn drop(&mut self) {
        // However the driver ends, also with its runtime: nobody is to wait for ever.
        self.queue.close();
        self.drop_unsent();
        self.pending.close();
    }
}

impl PeerQueue {
    /// Returns how many requests may be held, and how many bytes of them.
    pub(crate) fn most_held(&self) -> (usize, usize) {
        let Limits {
            untrusted,
            calls_in_flight,
            frame_bytes,
            ..
        } = *self.limits;
        match self.access.get() {
            Access::Unauthorized => (
                untrusted.calls_in_flight.min(calls_in_flight),
                untrusted.waiting_bytes.min(frame_bytes),
            ),
            Access::Open | Access::Down => (calls_in_flight, frame_bytes),
        }
    }

    /// Fails the calls that wait, and drops what is queued: the connection they were meant for is gone, and
    /// another one is to take its place.
    ///
    /// In this order: a call makes its place first, and is queued then.
    pub(crate) fn interrupt(&mut self) {
        self.drop_unsent();
        drop(self.queue.sources());
        self.lane.clear();
        self.pending.fail_all();
    }

    /// Drops what is queued, and tells the callers whose requests are among it.
    fn drop_unsent(&mut self) {
        while let Some(frame) = self.queue.next() {
            let text = FrameText::open(frame.as_str());
            if let Ok(Ok(Envelope::Request(request))) = text.as_ref().map(FrameText::envelope) {
                let id = request.id.as_ref().and_then(RequestId::counter);
                id.inspect(|id| self.pending.not_sent(*id));
            }
        }
    }
}

impl Peer {
    /// A handle, and what its driver needs. The connection closes when `closing` is cancelled, and is used
    /// while `access` allows it.
    pub(crate) fn new(
        limits: &Arc<Limits>,
        closing: CancellationToken,
        access: Arc<AccessCell>,
    ) -> (Self, PeerQueue) {
        Self::keeping(limits, closing, access, None)
    }

    /// The same, for a side that keeps the results of its calls in `cache`.
    pub(crate) fn keeping(
        limits: &Arc<Limits>,
        closing: CancellationToken,
        access: Arc<AccessCell>,
        cache: Option<Arc<ResultCache>>,
    ) -> (Self, PeerQueue) {
        let (outbound, queue) = Outbound::new(limits);
        let pending = Arc::new(PendingCalls::default());
        let closing = Closing::of(closing);
        let counters = Arc::new(Counters::default());
        let for_driver = Arc::clone(&access);
        let bound = Arc::new(FrameBound::new(limits));
        let connection = Connection {
            queue: outbound,
            pending: Arc::clone(&pending),
            closing: closing.clone(),
            counters: Arc::clone(&counters),
            access,
            cache,
            limits: Arc::clone(limits),
            bound: Arc::clone(&bound),
            doubt: Notify::new(),
        };
        let peer = Self {
            connection: Arc::new(connection),
            timeout: None,
            before_trust: false,
        };
        (
            peer,
            PeerQueue {
                queue,
                lane: Lane::default(),
                pending,
                closing,
                counters,
                limits: Arc::clone(limits),
                access: for_driver,
                bound,
            },
        )
    }

    /// The same connection, for calls that wait no longer than this.
    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self.clone()
        }
    }

    /// The same connection, for what goes on whether or not there is trust.
    pub(crate) fn before_trust(&self) -> Self {
        Self {
            before_trust: true,
            ..self.clone()
        }
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    pub(super) fn cache(&self) -> Option<&Arc<ResultCache>> {
        self.connection.cache.as_ref()
    }

    /// Returns the calls that wait for their replies.
    pub(super) fn pending_calls(&self) -> &Arc<PendingCalls> {
        &self.connection.pending
    }

    pub(super) fn access(&self) -> Access {
        if self.before_trust {
            Access::Open
        } else {
            self.connection.access.get()
        }
    }

    /// Why `method` cannot be called now, if it cannot.
    pub(super) fn check(&self, method: &str) -> Result<(), CallError> {
        match self.access() {
            Access::Open => Ok(()),
            Access::Unauthorized => Err(CallError::Unauthorized(method.to_owned())),
            Access::Down => Err(CallError::Disconnected(Delivery::NotSent)),
        }
    }

    /// Ends the connection. Calls that wait for their reply fail.
    pub(crate) fn close(&self, reason: CloseReason) {
        self.connection.closing.give(reason);
    }

    /// Why this side ends the connection, once it does.
    pub(crate) fn close_reason(&self) -> &CloseReason {
        self.connection.closing.close_reason()
    }

    /// The bounds that the connection keeps.
    pub(crate) fn limits(&self) -> &Limits {
        &self.connection.limits
    }

    /// Returns the limit `frame_bytes`, this side's or that of the other, if a frame of `size` bytes is over it. Logs that it
    /// is not sent then.
    pub(crate) fn exceeded_by(&self, size: usize) -> Option<usize> {
        let limit = self.connection.bound.get();
        (size > limit).then(|| {
            tracing::debug!(size, limit, "a frame is not sent: it is over `frame_bytes`");
            limit
        })
    }

    /// What was counted of the connection.
    pub(crate) fn stats(&self) -> SessionStats {
        let queued = self.connection.queue.taken();
        self.connection.counters.stats(queued)
    }

    /// A call has waited in vain: the other side may be gone without a word.
    pub(crate) fn doubt(&self) {
        self.connection.doubt.notify_one();
    }

    /// Resolves once a call has waited in vain, since the last time.
    #[cfg(feature = "client")]
    pub(crate) async fn doubted(&self) {
        self.connection.doubt.notified().await;
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.connection.queue.is_closed()
    }

    /// Resolves once the connection has ended.
    pub(crate) async fn closed(&self) {
        self.connection.queue.closed().await;
    }

    /// Whether the other side is to be told things now.
    pub(crate) fn is_open(&self) -> bool {
        self.access() == Access::Open
    }

    /// Has the frames of a stream written, after all others. Nothing happens once the connection has ended.
    pub(crate) fn offer(&self, source: Arc<dyn FrameSource>) {
        self.connection.queue.offer(source);
    }

    /// Where frames wait to be written.
    pub(crate) fn queue(&self) -> Outbound {
        self.connection.queue.clone()
    }

    /// Queues a frame if there is room.
    pub(crate) fn try_send(&self, frame: Frame) -> Result<(), Unsent> {
        match self.access() {
            Access::Open => self.connection.queue.try_send(frame),
            Access::Unauthorized | Access::Down => Err(Unsent::Closed),
        }
    }
}

/// The frame of an event, to be sent to any number of peers.
pub(crate) fn event<F: RpcFunction>(arguments: &F::Args) -> Result<Frame, NotifyError> {
    wire::request(F::ENCODING, F::NAME, &Positional(arguments), true, None)
        .map(Frame::from)
        .map_err(|error| NotifyError::Encode {
            function: F::NAME.to_owned(),
            source: error.into(),
        })
}
