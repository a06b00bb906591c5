//! The handle of a connection, which every task but the connection's driver uses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::function::{CallError, Delivery, NotifyError, Positional, RpcFunction};
use crate::peer::access::{AccessCell, ConnectionAccess};
use crate::peer::cache::ResultCache;
use crate::peer::close::{CloseReason, Closing};
use crate::peer::counters::{Counters, SessionStats};
use crate::peer::frame::Frame;
use crate::peer::lane::{FrameSource, Lane};
use crate::peer::limits::Limits;
use crate::peer::outbound::{Outbound, OutboundQueue, Unsent};
use crate::peer::pending::PendingCalls;
#[cfg(feature = "_traffic")]
use crate::peer::tap::FrameTap;
#[cfg(feature = "_traffic")]
use crate::peer::traffic::FrameDirection;
use crate::wire::{self, Envelope, FrameText, RequestId};

/// The handle of a connection to a peer. Clones are cheap and share the connection.
#[derive(Debug, Clone)]
pub struct Peer {
    connection: Arc<PeerState>,
    timeout: Option<Duration>,
    /// Whether this handle is for messages that are exchanged before the client is trusted.
    before_trust: bool,
}

#[derive(Debug)]
struct PeerState {
    queue: Outbound,
    pending: Arc<PendingCalls>,
    closing: Closing,
    counters: Arc<Counters>,
    access: Arc<AccessCell>,
    cache: Option<Arc<ResultCache>>,
    /// All connections of a context share these limits.
    limits: Arc<Limits>,
    bound: Arc<FrameBound>,
    /// Notified when a call times out.
    timeouts: Notify,
}

/// The largest frame that both sides accept, in bytes.
#[derive(Debug)]
pub(crate) struct FrameBound(AtomicUsize);

impl FrameBound {
    /// Starts with this side's limit, because the other side's is not known yet.
    fn new(limits: &Limits) -> Self {
        Self(AtomicUsize::new(limits.frame_bytes))
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the limit of the other side, or `None` if it has not sent one.
    #[cfg(feature = "client")]
    pub(crate) fn set_other(&self, limits: &Limits, other: Option<usize>) {
        let bound = other.map_or(limits.frame_bytes, |other| other.min(limits.frame_bytes));
        self.0.store(bound, Ordering::Relaxed);
    }
}

/// The part of a connection that its driver holds.
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
    /// The tap that shows the frames to the inspector and to the recorder.
    #[cfg(feature = "_traffic")]
    pub(crate) tap: Option<FrameTap>,
}

impl Drop for PeerQueue {
    fn drop(&mut self) {
        // However the driver ends, also if its runtime is dropped, its callers get an error and do not wait for ever.
        self.queue.close();
        self.drop_unsent();
        self.pending.close();
    }
}

impl PeerQueue {
    /// Counts a frame that has arrived, and shows it to those who watch frames.
    pub(crate) fn has_read(&self, frame: &Frame) {
        self.counters.read(frame.len());
        #[cfg(feature = "_traffic")]
        if let Some(tap) = &self.tap {
            tap.saw(FrameDirection::Read, frame);
        }
    }

    /// Counts a frame that is handed to the transport, and shows it to those who watch frames.
    pub(crate) fn writes(&self, frame: &Frame) {
        self.counters.written(frame.len());
        #[cfg(feature = "_traffic")]
        if let Some(tap) = &self.tap {
            tap.saw(FrameDirection::Written, frame);
        }
    }

    /// Returns the limit of held requests, in bytes.
    pub(crate) fn waiting_bytes(&self) -> usize {
        let limits = &self.limits;
        match self.access.get() {
            ConnectionAccess::Unauthorized => {
                limits.untrusted.waiting_bytes.min(limits.waiting_bytes)
            }
            ConnectionAccess::Open | ConnectionAccess::Down => limits.waiting_bytes,
        }
    }

    /// Fails the pending calls and drops the queued frames, because their connection has ended and another one is about to
    /// replace it.
    ///
    /// The frames are dropped before the calls fail. A call is registered as pending before it is queued, so each
    /// dropped request still has its entry, and its caller learns that it was not sent.
    pub(crate) fn interrupt(&mut self) {
        self.drop_unsent();
        drop(self.queue.sources());
        self.lane.clear();
        self.pending.fail_all();
    }

    /// Drops the queued frames, and tells the callers of the requests among them that these were not sent.
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
    /// Makes a handle and the driver's part. The connection closes when `closing` is cancelled, and is used while `access`
    /// allows it.
    pub(crate) fn new(
        limits: &Arc<Limits>,
        closing: CancellationToken,
        access: Arc<AccessCell>,
    ) -> (Self, PeerQueue) {
        Self::with_cache(limits, closing, access, None)
    }

    /// Does the same as [`new`](Self::new), for a side that caches the results of its calls.
    pub(crate) fn with_cache(
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
        let connection = PeerState {
            queue: outbound,
            pending: Arc::clone(&pending),
            closing: closing.clone(),
            counters: Arc::clone(&counters),
            access,
            cache,
            limits: Arc::clone(limits),
            bound: Arc::clone(&bound),
            timeouts: Notify::new(),
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
                #[cfg(feature = "_traffic")]
                tap: None,
            },
        )
    }

    /// Returns a handle of the same connection whose calls time out after `timeout`.
    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self.clone()
        }
    }

    /// Returns a handle of the same connection that works before the client is trusted.
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

    pub(super) fn access(&self) -> ConnectionAccess {
        if self.before_trust {
            ConnectionAccess::Open
        } else {
            self.connection.access.get()
        }
    }

    /// Returns an error if `method` cannot be called now.
    pub(super) fn check(&self, method: &str) -> Result<(), CallError> {
        match self.access() {
            ConnectionAccess::Open => Ok(()),
            ConnectionAccess::Unauthorized => Err(CallError::Unauthorized(method.to_owned())),
            ConnectionAccess::Down => Err(CallError::Disconnected(Delivery::NotSent)),
        }
    }

    /// Closes the connection. Pending calls fail.
    pub(crate) fn close(&self, reason: CloseReason) {
        self.connection.closing.give(reason);
    }

    /// Returns why this side closes the connection, once it does.
    pub(crate) fn close_reason(&self) -> &CloseReason {
        self.connection.closing.close_reason()
    }

    /// Returns the limits of the connection.
    pub(crate) fn limits(&self) -> &Limits {
        &self.connection.limits
    }

    /// Returns the effective limit `frame_bytes`, and logs it, if a frame of `size` bytes exceeds it and so must not be
    /// sent.
    pub(crate) fn exceeded_by(&self, size: usize) -> Option<usize> {
        let limit = self.connection.bound.get();
        (size > limit).then(|| {
            tracing::debug!(size, limit, "a frame is not sent: it is over `frame_bytes`");
            limit
        })
    }

    /// Returns the statistics of the connection.
    pub(crate) fn stats(&self) -> SessionStats {
        let queued = self.connection.queue.taken();
        self.connection.counters.stats(queued)
    }

    /// Reports that a call has timed out: the connection may be dead.
    pub(crate) fn note_timeout(&self) {
        self.connection.timeouts.notify_one();
    }

    /// Resolves when a call has timed out since the last time.
    #[cfg(feature = "client")]
    pub(crate) async fn call_timed_out(&self) {
        self.connection.timeouts.notified().await;
    }

    /// Returns whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.connection.queue.is_closed()
    }

    /// Resolves when the connection has ended.
    pub(crate) async fn closed(&self) {
        self.connection.queue.closed().await;
    }

    /// Returns whether the other side may be sent events now.
    pub(crate) fn is_open(&self) -> bool {
        self.access() == ConnectionAccess::Open
    }

    /// Registers a source whose frames are written after all queued frames. Does nothing if the connection has ended.
    pub(crate) fn offer(&self, source: Arc<dyn FrameSource>) {
        self.connection.queue.offer(source);
    }

    /// Returns the queue of frames that wait to be written.
    pub(crate) fn queue(&self) -> Outbound {
        self.connection.queue.clone()
    }

    /// Queues a frame if the queue has room.
    pub(crate) fn try_send(&self, frame: Frame) -> Result<(), Unsent> {
        match self.access() {
            ConnectionAccess::Open => self.connection.queue.try_send(frame),
            ConnectionAccess::Unauthorized | ConnectionAccess::Down => Err(Unsent::Closed),
        }
    }
}

/// Encodes an event, which may be sent to any number of peers.
pub(crate) fn event<F: RpcFunction>(arguments: &F::Args) -> Result<Frame, NotifyError> {
    wire::request(F::ENCODING, F::NAME, &Positional(arguments), true, None)
        .map(Frame::from)
        .map_err(|error| NotifyError::Encode {
            function: F::NAME.to_owned(),
            source: error.into(),
        })
}
