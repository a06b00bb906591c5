//! The frames of one connection that wait to be written.
//!
//! Two parties meet here. Whoever sends holds an [`Outbound`], and needs room for a frame before it can
//! queue it; the connection's driver holds the [`OutboundQueue`], and gives the room back as it takes the
//! frames out.
//!
//! Room is counted in bytes. A frame takes as much as it is long, and its share at least, so that one
//! semaphore keeps both bounds: there is never room for more bytes than `queued_bytes`, nor for more
//! shares than `queued_frames`. It also keeps the order of those who wait. The channel behind it has no
//! bound of its own, because what is in it has found room first.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{Semaphore, TryAcquireError, mpsc};

use crate::peer::{Frame, Limits};

/// Which part of the room may wait to be given back.
///
/// Giving back takes a lock, so it is done for several frames at once: at this part of the room, or as soon
/// as the queue is empty.
const OWED_PART: u32 = 16;

/// The way into the queue. Cloning is cheap and gives the same queue.
#[derive(Debug, Clone)]
pub(crate) struct Outbound(Arc<Entrance>);

#[derive(Debug)]
struct Entrance {
    frames: mpsc::UnboundedSender<Frame>,
    room: Arc<Semaphore>,
    bounds: Bounds,
}

/// The queue, as the driver has it. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct OutboundQueue {
    frames: mpsc::UnboundedReceiver<Frame>,
    room: Arc<Semaphore>,
    bounds: Bounds,
    /// Room of frames that were taken out, to be given back.
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
        let room = Arc::new(Semaphore::new(bounds.total as usize));
        let (sender, receiver) = mpsc::unbounded_channel();
        let entrance = Entrance {
            frames: sender,
            room: Arc::clone(&room),
            bounds,
        };
        let queue = OutboundQueue {
            frames: receiver,
            room,
            bounds,
            owed: 0,
        };
        (Self(Arc::new(entrance)), queue)
    }

    /// Queues a frame if there is room.
    pub(crate) fn try_send(&self, frame: Frame) -> Result<(), Unsent> {
        let entrance = &*self.0;
        match entrance.room.try_acquire_many(entrance.bounds.cost(&frame)) {
            Ok(room) => {
                // Given back by the driver.
                room.forget();
                entrance.frames.send(frame).map_err(|_| Unsent::Closed)
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
        let entrance = &*self.0;
        let room = entrance.room.acquire_many(entrance.bounds.cost(&frame));
        room.await.map_err(drop)?.forget();
        entrance.frames.send(frame).map_err(drop)
    }

    /// How much room is taken, in bytes.
    pub(crate) fn taken(&self) -> usize {
        let total = self.0.bounds.total as usize;
        total.saturating_sub(self.0.room.available_permits())
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.frames.is_closed()
    }

    /// Resolves once the connection has ended.
    pub(crate) async fn closed(&self) {
        self.0.frames.closed().await;
    }
}

impl OutboundQueue {
    /// The next frame; `None` once nobody can send one any more.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame>> {
        let next = self.frames.poll_recv(context);
        self.give_back(match &next {
            Poll::Ready(frame) => frame.as_ref(),
            Poll::Pending => None,
        });
        next
    }

    /// The next frame, if there is one already. (The other may pretend that there is none, to let other tasks
    /// run.)
    pub(crate) fn take_next(&mut self) -> Option<Frame> {
        let next = self.frames.try_recv().ok();
        self.give_back(next.as_ref());
        next
    }

    /// How many frames wait.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }

    /// Gives the room of a frame back that was taken out, or all that is owed if there is none.
    fn give_back(&mut self, taken_out: Option<&Frame>) {
        let give_back = match taken_out {
            Some(frame) => {
                self.owed += self.bounds.cost(frame) as usize;
                self.owed >= (self.bounds.total / OWED_PART) as usize
            }
            None => true,
        };
        if give_back {
            // Costs nothing if it is nothing.
            self.room.add_permits(self.owed);
            self.owed = 0;
        }
    }

    /// Takes no more frames; those that are queued can still be taken out.
    pub(crate) fn close(&mut self) {
        self.frames.close();
        self.room.close();
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
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{Bounds, Outbound, OutboundQueue, Unsent};
    use crate::peer::{Frame, Limits};

    fn limits(queued_bytes: usize, queued_frames: usize) -> Limits {
        Limits {
            queued_frames,
            queued_bytes,
            ..Limits::default()
        }
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

    async fn next(queue: &mut OutboundQueue) -> Option<usize> {
        let frame = poll_fn(|context| queue.poll_next(context)).await;
        frame.map(|frame| frame.len())
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
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(
            queue.poll_next(&mut context),
            Poll::Ready(Some(_))
        ));
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
        assert_eq!(next(&mut queue).await, Some(300));
        assert_eq!(outbound.taken(), 700);
        assert_eq!(next(&mut queue).await, Some(1));
        assert_eq!(next(&mut queue).await, Some(600));
        assert_eq!(outbound.taken(), 0);
    }

    #[test]
    fn all_room_is_back_once_the_queue_is_empty() {
        let (outbound, mut queue) = Outbound::new(&limits(1_000, 1_000));
        for _ in 0..100 {
            outbound.try_send(frame(1)).unwrap();
        }
        let mut context = Context::from_waker(Waker::noop());
        for taken in 1..=100 {
            assert!(queue.poll_next(&mut context).is_ready());
            let (left, owed) = (100 - taken, 1_000 / 16);
            assert!((left..left + owed).contains(&outbound.taken()));
        }
        assert!(queue.poll_next(&mut context).is_pending());
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
        assert_eq!(next(&mut queue).await, Some(900));
        large.await.unwrap();
        small.await.unwrap();
        assert_eq!(next(&mut queue).await, Some(800));
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
        assert_eq!(next(&mut queue).await, Some(1_000));
        assert_eq!(next(&mut queue).await, None);
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
