//! What waits to be written to one connection.
//!
//! Two parties meet here. Whoever sends holds an [`Outbound`], and needs room for a frame before it can
//! queue it; the connection's driver holds the [`OutboundQueue`], and gives the room back as it takes the
//! frames out. Whoever has frames of a stream offers itself instead, as a [`FrameSource`].
//!
//! Room is counted in bytes. A frame takes as much as it is long, and its share at least, so that one
//! semaphore keeps both bounds: there is never room for more bytes than `queued_bytes`, nor for more
//! shares than `queued_frames`. It also keeps the order of those who wait. The line behind it has no
//! bound of its own, because what is in it has found room first; a source is in it once, until it has been found
//! empty.
//!
//! A driver sleeps only when there is nothing here for it, so that a lock is all that it costs to send to one that is
//! awake. Many connections are idle most of the time: what belongs together here lies together in memory.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::{Notify, Semaphore, TryAcquireError};

use crate::peer::{Frame, FrameSource, Limits};

/// Which part of the room may wait to be given back.
///
/// Giving back takes a lock, so it is done for several frames at once: at this part of the room, or as soon
/// as the queue is empty.
const OWED_PART: u32 = 16;

/// For how many frames the driver keeps memory while nothing waits.
const FRAMES_KEPT: usize = 16;

/// The way into the queue. Cloning is cheap and gives the same queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbound(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    room: Semaphore,
    bounds: Bounds,
    line: Mutex<Line>,
    /// How many frames are in the line, for whoever need not know it to the last one.
    frames: AtomicUsize,
    closed: Notify,
}

/// What the driver has not seen yet.
#[derive(Debug, Default)]
struct Line {
    frames: VecDeque<Frame>,
    sources: Vec<Arc<dyn FrameSource>>,
    /// The driver, while it sleeps.
    driver: Option<Waker>,
    nudges: Nudges,
    closed: bool,
}

/// What a driver was woken for that is not in the line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Nudges {
    /// The connection may have to be closed.
    pub(crate) close: bool,
    /// There may be something to be read.
    pub(crate) read: bool,
}

/// Wakes a driver, and says for what.
struct Nudge {
    shared: Arc<Shared>,
    nudges: Nudges,
}

/// The queue, as the driver has it. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct OutboundQueue {
    shared: Arc<Shared>,
    /// Frames that were taken out of the line, all at once.
    taken: VecDeque<Frame>,
    /// Room of frames that are written, to be given back.
    owed: usize,
}

/// Why a frame could not be queued without waiting.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// There is no room for it now.
    Full(Frame),
    /// The connection has ended, or is not to be used now.
    Closed,
}

/// How much room there is, and how much of it a frame takes.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    total: u32,
    share: u32,
}

impl Outbound {
    /// A queue: its two ends.
    pub(crate) fn new(limits: &Limits) -> (Self, OutboundQueue) {
        let bounds = Bounds::new(limits);
        let shared = Arc::new(Shared {
            room: Semaphore::new(bounds.total as usize),
            bounds,
            line: Mutex::default(),
            frames: AtomicUsize::new(0),
            closed: Notify::new(),
        });
        let queue = OutboundQueue {
            shared: Arc::clone(&shared),
            taken: VecDeque::new(),
            owed: 0,
        };
        (Self(shared), queue)
    }

    /// Queues a frame if there is room.
    pub(crate) fn try_send(&self, frame: Frame) -> Result<(), Unsent> {
        let shared = &*self.0;
        match shared.room.try_acquire_many(shared.bounds.cost(&frame)) {
            Ok(room) => {
                // Given back by the driver.
                room.forget();
                shared.push(frame).map_err(|()| Unsent::Closed)
            }
            Err(TryAcquireError::NoPermits) => Err(Unsent::Full(frame)),
            Err(TryAcquireError::Closed) => Err(Unsent::Closed),
        }
    }

    /// Queues a frame once there is room, after those who wait already. `Err` if the connection ends first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up its place among those who wait, and drops the frame.
    pub(crate) async fn send(self, frame: Frame) -> Result<(), ()> {
        let shared = &*self.0;
        let room = shared.room.acquire_many(shared.bounds.cost(&frame));
        room.await.map_err(drop)?.forget();
        shared.push(frame)
    }

    /// Has the driver take frames from `source`, until it has none. Nothing happens once the connection has ended.
    pub(crate) fn offer(&self, source: Arc<dyn FrameSource>) {
        let driver = {
            let mut line = self.0.line();
            if line.closed {
                return;
            }
            line.sources.push(source);
            line.driver.take()
        };
        wake(driver);
    }

    /// How much room is taken, in bytes.
    pub(crate) fn taken(&self) -> usize {
        let total = self.0.bounds.total as usize;
        total.saturating_sub(self.0.room.available_permits())
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.room.is_closed()
    }

    /// Resolves once the connection has ended.
    pub(crate) async fn closed(&self) {
        loop {
            // Before the look, so that the end is not missed after it.
            let closed = self.0.closed.notified();
            if self.is_closed() {
                return;
            }
            closed.await;
        }
    }
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        // No critical section can leave the line half changed.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a frame into the line, for which there is room.
    fn push(&self, frame: Frame) -> Result<(), ()> {
        let driver = {
            let mut line = self.line();
            if line.closed {
                return Err(());
            }
            line.frames.push_back(frame);
            self.frames.store(line.frames.len(), Ordering::Release);
            line.driver.take()
        };
        wake(driver);
        Ok(())
    }
}

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let driver = {
            let mut line = self.shared.line();
            line.nudges.close |= self.nudges.close;
            line.nudges.read |= self.nudges.read;
            line.driver.take()
        };
        wake(driver);
    }
}

/// Not under the lock: nobody knows what a waker does.
fn wake(driver: Option<Waker>) {
    if let Some(driver) = driver {
        driver.wake();
    }
}

impl OutboundQueue {
    /// What wakes the driver, which [`awake`](Self::awake) then tells for what.
    pub(crate) fn nudge(&self, nudges: Nudges) -> Waker {
        let shared = Arc::clone(&self.shared);
        Waker::from(Arc::new(Nudge { shared, nudges }))
    }

    /// The driver is awake: nobody needs to wake it. What it was woken for, besides what is in the line.
    pub(crate) fn awake(&mut self) -> Nudges {
        let (driver, nudges) = {
            let mut line = self.shared.line();
            (line.driver.take(), std::mem::take(&mut line.nudges))
        };
        drop(driver);
        nudges
    }

    /// Has the driver woken once something comes. Ready if something is here that is `wanted` now.
    pub(crate) fn poll_asleep(&mut self, context: &mut Context<'_>, wanted: bool) -> Poll<()> {
        self.give_back();
        if self.taken.capacity() > FRAMES_KEPT {
            self.taken.shrink_to(FRAMES_KEPT);
        }
        let mut line = self.shared.line();
        if wanted && (!line.frames.is_empty() || !line.sources.is_empty()) {
            return Poll::Ready(());
        }
        if line.nudges.close || line.nudges.read {
            context.waker().wake_by_ref();
        } else {
            line.driver = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// The next frame, if there is one.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        if self.taken.is_empty() {
            if self.shared.frames.load(Ordering::Acquire) == 0 {
                self.give_back();
                return None;
            }
            let mut line = self.shared.line();
            std::mem::swap(&mut self.taken, &mut line.frames);
            self.shared.frames.store(0, Ordering::Release);
        }
        let frame = self.taken.pop_front()?;
        self.owed += self.shared.bounds.cost(&frame) as usize;
        if self.owed >= (self.shared.bounds.total / OWED_PART) as usize {
            self.give_back();
        }
        Some(frame)
    }

    /// The sources that have offered themselves since the last time.
    pub(crate) fn sources(&mut self) -> Vec<Arc<dyn FrameSource>> {
        std::mem::take(&mut self.shared.line().sources)
    }

    /// How many frames wait.
    pub(crate) fn len(&self) -> usize {
        self.taken.len() + self.shared.frames.load(Ordering::Acquire)
    }

    /// Gives the room of the frames back that are written.
    fn give_back(&mut self) {
        if self.owed > 0 {
            self.shared.room.add_permits(self.owed);
            self.owed = 0;
        }
    }

    /// Takes no more; frames that are queued can still be taken out. Sources may have no end: they are dropped.
    pub(crate) fn close(&mut self) {
        let sources = {
            let mut line = self.shared.line();
            line.closed = true;
            std::mem::take(&mut line.sources)
        };
        drop(sources);
        self.shared.room.close();
        self.shared.closed.notify_waiters();
    }
}

impl Drop for OutboundQueue {
    fn drop(&mut self) {
        self.close();
    }
}

impl Bounds {
    fn new(limits: &Limits) -> Self {
        // A semaphore hands out as many permits at once as fit into 32 bits.
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

    /// A frame that is larger than all the room takes all of it, and so goes alone.
    fn cost(self, frame: &Frame) -> u32 {
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        len.clamp(self.share, self.total)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::{Bounds, Outbound, OutboundQueue, Unsent};
    use crate::peer::{Frame, Limits};

    fn limits(queued_bytes: usize, queued_frames: usize) -> Limits {
        Limits::new()
            .queued_frames(queued_frames)
            .queued_bytes(queued_bytes)
    }

    fn frame(len: usize) -> Frame {
        Frame::from("x".repeat(len))
    }

    /// How many frames of a length there is room for.
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
        // However they divide, neither is exceeded.
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
        // Not beside another.
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
        // One byte takes a share, which is a hundred.
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
            let (left, owed) = (100 - taken, 1_000 / 16);
            assert!((left..left + owed).contains(&outbound.taken()));
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
        // There would be room for a small one, but the large one was first.
        let mut small = pin!(outbound.clone().send(frame(2)));
        assert!(small.as_mut().poll(&mut context).is_pending());
        assert!(matches!(outbound.try_send(frame(1)), Err(Unsent::Full(_))));
        assert_eq!(next(&mut queue), Some(900));
        large.await.unwrap();
        small.await.unwrap();
        assert_eq!(next(&mut queue), Some(800));
    }

    #[tokio::test]
    async fn giving_up_gives_back_the_place() {
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
    async fn a_closed_queue_takes_nothing_and_gives_what_it_has() {
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
        let bounds = Bounds::new(&Limits::default());
        assert_eq!((bounds.total, bounds.share), (64 << 20, 64 << 10));
    }
}
