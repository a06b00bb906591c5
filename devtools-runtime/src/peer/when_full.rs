//! What happens to a frame for a connection whose queue is full: the one policy, for everything that is sent without a
//! caller who waits.
//!
//! Calls and notifications wait for room in the future that their caller awaits. Broadcasts of events do what
//! [`Limits::when_full`](crate::Limits::when_full) says. Everything else is told at the moment when it happens: changes
//! of shared states, activations of docks, revocations, answers to messages about streams and uploads. A client that
//! missed one of them would go on with a wrong picture, so its connection is closed instead; it connects again and
//! begins with what is true then.

use crate::peer::close::CloseReason;
use crate::peer::exchange::Enqueue;
use crate::peer::frame::Frame;
use crate::peer::handle::Peer;
use crate::peer::limits::WhenFull;
use crate::peer::outbound::Unsent;

/// What became of a frame.
pub(crate) enum Told {
    Queued,
    /// The frame is queued once this resolves.
    Waits(Enqueue),
    /// The connection has ended, or was closed because its queue is full.
    Lost,
}

impl Peer {
    /// Queues a frame, or does what `when_full` says if there is no room for it.
    pub(crate) fn tell(&self, frame: Frame, when_full: WhenFull) -> Told {
        match (self.try_send(frame), when_full) {
            (Ok(()), _) => Told::Queued,
            (Err(Unsent::Closed), _) => Told::Lost,
            (Err(Unsent::Full(_)), WhenFull::Close) => {
                self.close(CloseReason::Congested);
                Told::Lost
            }
            (Err(Unsent::Full(frame)), WhenFull::Wait) => {
                Told::Waits(Enqueue::new(self.queue(), frame))
            }
        }
    }

    /// Queues a frame for which nobody can wait. Closes the connection if there is no room for it.
    pub(crate) fn tell_now(&self, frame: Frame) {
        self.tell(frame, WhenFull::Close);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use tokio_util::sync::CancellationToken;

    use super::Told;
    use crate::peer::access::{Access, AccessCell};
    use crate::peer::close::CloseReason;
    use crate::peer::frame::Frame;
    use crate::peer::handle::{Peer, PeerQueue};
    use crate::peer::limits::{Limits, WhenFull};

    /// A connection whose queue has room for one frame.
    fn narrow() -> (Peer, PeerQueue, CancellationToken) {
        let limits = Limits::new().queued_frames(1);
        let closing = CancellationToken::new();
        let access = Arc::new(AccessCell::new(Access::Open));
        let (peer, queue) = Peer::new(&Arc::new(limits), closing.clone(), access);
        (peer, queue, closing)
    }

    fn frame() -> Frame {
        Frame::from("{}".to_owned())
    }

    #[test]
    fn a_frame_for_which_nobody_can_wait_closes_a_full_connection() {
        let (peer, _queue, closing) = narrow();
        peer.tell_now(frame());
        assert!(!closing.is_cancelled());
        peer.tell_now(frame());
        assert!(closing.is_cancelled());
        assert_eq!(*peer.close_reason(), CloseReason::Congested);
    }

    #[test]
    fn a_frame_that_may_wait_is_queued_once_there_is_room() {
        let (peer, mut queue, closing) = narrow();
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(peer.tell(frame(), WhenFull::Wait), Told::Queued));
        let Told::Waits(mut waiting) = peer.tell(frame(), WhenFull::Wait) else {
            panic!("there is no room");
        };
        assert!(waiting.poll(&mut context).is_pending());
        assert!(queue.queue.next().is_some());
        // The room is given back once the queue is empty.
        assert!(queue.queue.next().is_none());
        assert!(waiting.poll(&mut context).is_ready());
        assert!(queue.queue.next().is_some());
        assert!(!closing.is_cancelled());
    }

    #[test]
    fn a_connection_that_has_ended_loses_the_frame() {
        let (peer, queue, _closing) = narrow();
        drop(queue);
        assert!(matches!(peer.tell(frame(), WhenFull::Wait), Told::Lost));
        assert!(matches!(peer.tell(frame(), WhenFull::Close), Told::Lost));
    }
}
