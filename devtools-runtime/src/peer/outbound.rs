//! The queue of frames that wait to be written to one connection.
//!
//! Senders hold an [`Outbound`] and need permits for a frame before they can queue it. The connection's driver holds the
//! [`OutboundQueue`] and returns the permits when it takes the frames out. Streams register themselves as a [`FrameSource`]
//! instead of queueing frames.
//!
//! A permit stands for one byte. A frame takes as many permits as it has bytes, and at least its share, `queued_bytes /
//! queued_frames`. So one semaphore enforces both limits, and it also keeps the order of the senders that wait. The mailbox
//! behind it needs no limit of its own, because every frame in it has its permits; a source is in it at most once, until it
//! was found empty.
//!
//! The mailbox has the waker of a driver only while the driver sleeps, so sending to a driver that is awake costs one lock.
//! Many connections are idle most of the time, so the state that a driver needs is kept in one allocation.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::{Notify, Semaphore, TryAcquireError};

use crate::mutex::Mutex;
use crate::peer::frame::Frame;
use crate::peer::lane::FrameSource;
use crate::peer::limits::Limits;

/// The part of all permits, one in `RETURN_FRACTION`, at which the driver returns those of written frames.
///
/// Returning permits takes a lock, so it happens for several frames at once: at this part, or as soon as the queue is
/// empty.
const RETURN_FRACTION: u32 = 16;

/// The number of frames for which the driver keeps memory while the queue is empty.
const IDLE_CAPACITY: usize = 16;

/// The sending end of the queue. Clones are cheap and share the queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbound(Arc<OutboundState>);

#[derive(Debug)]
struct OutboundState {
    permits: Semaphore,
    bounds: PermitBounds,
    mailbox: Mutex<Mailbox>,
    /// The number of frames in the mailbox, for readers that can do with a slightly old number.
    frames: AtomicUsize,
    closed: Notify,
}

/// The frames and notifications that the driver has not taken yet.
#[derive(Debug, Default)]
struct Mailbox {
    frames: VecDeque<Frame>,
    sources: Vec<Arc<dyn FrameSource>>,
    /// The waker of the driver while it sleeps.
    driver: Option<Waker>,
    reasons: WakeReasons,
    closed: bool,
}

/// The reasons for which a driver was woken, apart from frames and sources in its mailbox.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WakeReasons {
    /// The closing signal may have been given.
    pub(crate) close: bool,
    /// The transport may have a frame to read.
    pub(crate) read: bool,
    /// The tasks that were ready when the driver began to wait with its flush have run.
    pub(crate) flush: bool,
}

impl WakeReasons {
    fn add(&mut self, other: Self) {
        self.close |= other.close;
        self.read |= other.read;
        self.flush |= other.flush;
    }

    fn any(self) -> bool {
        self.close || self.read || self.flush
    }
}

/// A waker of the driver that also records the reason.
struct DriverWaker {
    shared: Arc<OutboundState>,
    reasons: WakeReasons,
}

/// The driver's end of the queue. Dropping it closes the queue.
#[derive(Debug)]
pub(crate) struct OutboundQueue {
    shared: Arc<OutboundState>,
    /// Frames that were taken out of the mailbox all at once.
    taken: VecDeque<Frame>,
    /// The permits of written frames that were not returned yet.
    unreturned: usize,
}

/// The reason for which a frame could not be queued without waiting.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// The queue has no room for it now.
    Full(Frame),
    /// The connection has ended, or must not be used now.
    Closed,
}

/// The number of all permits, and the smallest number that a frame takes.
#[derive(Debug, Clone, Copy)]
struct PermitBounds {
    total: u32,
    share: u32,
}

impl Outbound {
    /// Makes a queue, and returns its two ends.
    pub(crate) fn new(limits: &Limits) -> (Self, OutboundQueue) {
        let bounds = PermitBounds::new(limits);
        let shared = Arc::new(OutboundState {
            permits: Semaphore::new(bounds.total as usize),
            bounds,
            mailbox: Mutex::default(),
            frames: AtomicUsize::new(0),
            closed: Notify::new(),
        });
        let queue = OutboundQueue {
            shared: Arc::clone(&shared),
            taken: VecDeque::new(),
            unreturned: 0,
        };
        (Self(shared), queue)
    }

    /// Queues a frame if the queue has room.
    pub(crate) fn try_send(&self, frame: Frame) -> Result<(), Unsent> {
        let shared = &*self.0;
        match shared.permits.try_acquire_many(shared.bounds.cost(&frame)) {
            Ok(room) => {
                // The driver returns the permits.
                room.forget();
                shared.push(frame).map_err(|()| Unsent::Closed)
            }
            Err(TryAcquireError::NoPermits) => Err(Unsent::Full(frame)),
            Err(TryAcquireError::Closed) => Err(Unsent::Closed),
        }
    }

    /// Queues a frame when there is room, after the senders that wait already. Returns `Err` if the connection ends first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place among the waiting senders, and drops the frame.
    pub(crate) async fn send(self, frame: Frame) -> Result<(), ()> {
        let shared = &*self.0;
        let room = shared.permits.acquire_many(shared.bounds.cost(&frame));
        room.await.map_err(drop)?.forget();
        shared.push(frame)
    }

    /// Registers `source`, so that the driver takes its frames until it has none. Does nothing if the connection has ended.
    pub(crate) fn offer(&self, source: Arc<dyn FrameSource>) {
        let driver = {
            let mut mailbox = self.0.mailbox.lock();
            if mailbox.closed {
                return;
            }
            mailbox.sources.push(source);
            mailbox.driver.take()
        };
        wake(driver);
    }

    /// Returns the number of permits that are taken, which are bytes.
    pub(crate) fn taken(&self) -> usize {
        let total = self.0.bounds.total as usize;
        total.saturating_sub(self.0.permits.available_permits())
    }

    /// Returns whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.permits.is_closed()
    }

    /// Resolves when the connection has ended.
    pub(crate) async fn closed(&self) {
        loop {
            // Registered before the check, so that an end between the two is not missed.
            let closed = self.0.closed.notified();
            if self.is_closed() {
                return;
            }
            closed.await;
        }
    }
}

impl OutboundState {
    /// Puts a frame that has its permits into the mailbox.
    fn push(&self, frame: Frame) -> Result<(), ()> {
        let driver = {
            let mut mailbox = self.mailbox.lock();
            if mailbox.closed {
                return Err(());
            }
            mailbox.frames.push_back(frame);
            self.frames.store(mailbox.frames.len(), Ordering::Release);
            mailbox.driver.take()
        };
        wake(driver);
        Ok(())
    }
}

impl Wake for DriverWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let driver = {
            let mut mailbox = self.shared.mailbox.lock();
            mailbox.reasons.add(self.reasons);
            mailbox.driver.take()
        };
        wake(driver);
    }
}

/// Wakes the driver. Never called under the lock, because a waker may run any code.
fn wake(driver: Option<Waker>) {
    if let Some(driver) = driver {
        driver.wake();
    }
}

impl OutboundQueue {
    /// Returns a waker of the driver that records `reasons`; [`awake`](Self::awake) returns them.
    pub(crate) fn waker_for(&self, reasons: WakeReasons) -> Waker {
        let shared = Arc::clone(&self.shared);
        Waker::from(Arc::new(DriverWaker { shared, reasons }))
    }

    /// Removes the driver's waker, because the driver is awake, and returns the reasons for which it was woken.
    pub(crate) fn awake(&mut self) -> WakeReasons {
        let (driver, reasons) = {
            let mut mailbox = self.shared.mailbox.lock();
            (mailbox.driver.take(), std::mem::take(&mut mailbox.reasons))
        };
        drop(driver);
        reasons
    }

    /// Registers the driver's waker. Returns `Ready` at once if `wanted` is set and the mailbox holds a frame or a
    /// source. Wakes the driver at once if there is a reason to wake it.
    pub(crate) fn poll_asleep(&mut self, context: &mut Context<'_>, wanted: bool) -> Poll<()> {
        self.return_permits();
        if self.taken.capacity() > IDLE_CAPACITY {
            self.taken.shrink_to(IDLE_CAPACITY);
        }
        let mut mailbox = self.shared.mailbox.lock();
        if wanted && (!mailbox.frames.is_empty() || !mailbox.sources.is_empty()) {
            return Poll::Ready(());
        }
        if mailbox.reasons.any() {
            context.waker().wake_by_ref();
        } else {
            mailbox.driver = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Returns the next frame, if there is one.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        if self.taken.is_empty() {
            if self.shared.frames.load(Ordering::Acquire) == 0 {
                self.return_permits();
                return None;
            }
            let mut mailbox = self.shared.mailbox.lock();
            std::mem::swap(&mut self.taken, &mut mailbox.frames);
            self.shared.frames.store(0, Ordering::Release);
        }
        let frame = self.taken.pop_front()?;
        self.unreturned += self.shared.bounds.cost(&frame) as usize;
        if self.unreturned >= (self.shared.bounds.total / RETURN_FRACTION) as usize {
            self.return_permits();
        }
        Some(frame)
    }

    /// Returns the sources that have registered themselves since the last time.
    pub(crate) fn sources(&mut self) -> Vec<Arc<dyn FrameSource>> {
        std::mem::take(&mut self.shared.mailbox.lock().sources)
    }

    /// Returns the number of frames that wait.
    pub(crate) fn len(&self) -> usize {
        self.taken.len() + self.shared.frames.load(Ordering::Acquire)
    }

    /// Returns the permits of written frames.
    fn return_permits(&mut self) {
        if self.unreturned > 0 {
            self.shared.permits.add_permits(self.unreturned);
            self.unreturned = 0;
        }
    }

    /// Closes the queue for senders. Queued frames can still be taken out. Sources are dropped, because they may have no
    /// end.
    pub(crate) fn close(&mut self) {
        let sources = {
            let mut mailbox = self.shared.mailbox.lock();
            mailbox.closed = true;
            std::mem::take(&mut mailbox.sources)
        };
        drop(sources);
        self.shared.permits.close();
        self.shared.closed.notify_waiters();
    }
}

impl Drop for OutboundQueue {
    fn drop(&mut self) {
        self.close();
    }
}

impl PermitBounds {
    fn new(limits: &Limits) -> Self {
        // A semaphore grants at most as many permits at once as fit into 32 bits.
        let bytes = u32::try_from(limits.queued_bytes.min(Semaphore::MAX_PERMITS))
            .unwrap_or(u32::MAX)
            .max(1);
        let frames = u32::try_from(limits.queued_frames)
            .unwrap_or(u32::MAX)
            .clamp(1, bytes);
        let share = bytes / frames;
        Self {
            total: share * frames,
            share,
        }
    }

    /// Returns the permits that a frame takes. A frame larger than the whole queue takes all permits, and so goes alone.
    fn cost(self, frame: &Frame) -> u32 {
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        len.clamp(self.share, self.total)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::{Outbound, OutboundQueue, PermitBounds, Unsent};
    use crate::peer::{Frame, Limits};

    fn limits(queued_bytes: usize, queued_frames: usize) -> Limits {
        Limits::new()
            .queued_frames(queued_frames)
            .queued_bytes(queued_bytes)
    }

    fn frame(len: usize) -> Frame {
        Frame::from("x".repeat(len))
    }

    /// Returns how many frames of this length fit into the queue.
    fn room_for(limits: &Limits, len: usize) -> usize {
        let (outbound, _queue) = Outbound::new(limits);
        let mut queued = 0;
        while outbound.try_send(frame(len)).is_ok() {
            queued += 1;
        }
        queued
    }

    fn next(queue: &mut OutboundQueue) -> Option<usize> {
        queue.next().map(|frame| frame.len())
    }

    #[test]
    fn both_bounds_hold() {
        assert_eq!(room_for(&limits(1_000, 10), 1), 10);
        assert_eq!(room_for(&limits(1_000, 10), 100), 10);
        assert_eq!(room_for(&limits(1_000, 10), 101), 9);
        assert_eq!(room_for(&limits(1_000, 10), 500), 2);
        // Neither limit is exceeded, whatever the share is.
        assert_eq!(room_for(&limits(100, 64), 1), 64);
        assert_eq!(room_for(&limits(7, 64), 1), 7);
        assert_eq!(room_for(&limits(0, 0), 0), 1);
        assert_eq!(room_for(&limits(usize::MAX, 3), 1_000), 3);
    }

    #[test]
    fn a_frame_larger_than_the_queue_goes_alone() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 10));
        outbound.try_send(frame(5_000)).unwrap();
        assert!(matches!(outbound.try_send(frame(1)), Err(Unsent::Full(_))));
        assert_eq!(next(&mut queue), Some(5_000));
        assert_eq!(next(&mut queue), None);
        outbound.try_send(frame(1)).unwrap();
        // It does not go beside another frame.
        assert!(matches!(
            outbound.try_send(frame(5_000)),
            Err(Unsent::Full(_))
        ));
    }

    #[tokio::test]
    async fn room_comes_back_with_frames_that_are_taken_out() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 10));
        for len in [300, 1, 600] {
            outbound.try_send(frame(len)).unwrap();
        }
        // A frame of one byte takes a share, which is a hundred.
        assert_eq!(outbound.taken(), 1_000);
        assert_eq!(next(&mut queue), Some(300));
        assert_eq!(outbound.taken(), 700);
        assert_eq!(next(&mut queue), Some(1));
        assert_eq!(next(&mut queue), Some(600));
        assert_eq!(outbound.taken(), 0);
    }

    #[test]
    fn all_room_is_back_once_the_queue_is_empty() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 1_000));
        for _ in 0..100 {
            outbound.try_send(frame(1)).unwrap();
        }
        for taken in 1..=100 {
            assert!(next(&mut queue).is_some());
            let (left, unreturned) = (100 - taken, 1_000 / 16);
            assert!((left..left + unreturned).contains(&outbound.taken()));
        }
        assert_eq!(next(&mut queue), None);
        assert_eq!(outbound.taken(), 0);
    }

    #[tokio::test]
    async fn those_who_wait_keep_their_order() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 10));
        outbound.try_send(frame(900)).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut large = pin!(outbound.clone().send(frame(800)));
        assert!(large.as_mut().poll(&mut context).is_pending());
        // There would be room for the small frame, but the large one waits first.
        let mut small = pin!(outbound.clone().send(frame(2)));
        assert!(small.as_mut().poll(&mut context).is_pending());
        assert!(matches!(outbound.try_send(frame(1)), Err(Unsent::Full(_))));
        assert_eq!(next(&mut queue), Some(900));
        large.await.unwrap();
        small.await.unwrap();
        assert_eq!(next(&mut queue), Some(800));
    }

    #[tokio::test]
    async fn a_dropped_future_gives_up_its_place() {
        let (outbound, _queue) = Outbound::new(&limits(1_000, 10));
        outbound.try_send(frame(500)).unwrap();
        {
            let mut context = Context::from_waker(Waker::noop());
            let mut large = pin!(outbound.clone().send(frame(800)));
            assert!(large.as_mut().poll(&mut context).is_pending());
        }
        outbound.try_send(frame(500)).unwrap();
    }

    #[tokio::test]
    async fn a_closed_queue_accepts_nothing_and_hands_out_its_frames() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 10));
        outbound.try_send(frame(1_000)).unwrap();
        let waiting = tokio::spawn(outbound.clone().send(frame(1)));
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(waiting.await.unwrap(), Err(()));
        assert!(outbound.is_closed());
        assert!(matches!(outbound.try_send(frame(1)), Err(Unsent::Closed)));
        assert_eq!(next(&mut queue), Some(1_000));
        assert_eq!(next(&mut queue), None);
        outbound.closed().await;
    }

    #[tokio::test]
    async fn a_queue_that_is_dropped_is_closed() {
        let (outbound, queue) = Outbound::new(&limits(1_000, 10));
        drop(queue);
        outbound.closed().await;
        assert!(matches!(outbound.try_send(frame(1)), Err(Unsent::Closed)));
    }

    #[test]
    fn the_default_is_a_share_of_64_kib() {
        let bounds = PermitBounds::new(&Limits::default());
        assert_eq!((bounds.total, bounds.share), (64 << 20, 64 << 10));
    }
}
