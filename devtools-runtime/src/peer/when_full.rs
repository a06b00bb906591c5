//! The policy for a frame whose connection has a full queue. It applies to all frames that no caller waits for.
//!
//! Calls and notifications wait for room in the future that their caller awaits. Broadcasts of events follow
//! [`Limits::when_full`](crate::Limits::when_full). All other frames are sent at the moment when something happens: changes
//! of shared states, activations of docks, revocations, answers to messages about streams and uploads. A client that missed
//! one of them would be out of step, so its connection is closed instead. It reconnects and starts from the current values.

use crate::peer::close::CloseReason;
use crate::peer::endpoint::Peer;
use crate::peer::exchange::Enqueue;
use crate::peer::frame::Frame;
use crate::peer::limits::WhenFull;
use crate::peer::outbound::Unsent;

/// The outcome of sending a frame.
pub(crate) enum SendOutcome {
    Queued,
    /// The queue is full; this future resolves when the frame is queued.
    Waiting(Enqueue),
    /// The frame is lost: the connection has ended, or was closed because its queue is full.
    Lost,
}

impl Peer {
    /// Queues a frame. If the queue is full, follows the policy `when_full`.
    pub(crate) fn send(&self, frame: Frame, when_full: WhenFull) -> SendOutcome {
        match (self.try_send(frame), when_full) {
            (Ok(()), _) => SendOutcome::Queued,
            (Err(Unsent::Closed), _) => SendOutcome::Lost,
            (Err(Unsent::Full(_)), WhenFull::Close) => {
                self.close(CloseReason::Congested);
                SendOutcome::Lost
            }
            (Err(Unsent::Full(frame)), WhenFull::Wait) => {
                SendOutcome::Waiting(Enqueue::new(self.queue(), frame))
            }
        }
    }

    /// Queues a frame that no caller waits for. Closes the connection if its queue is full.
    pub(crate) fn send_or_close(&self, frame: Frame) {
        self.send(frame, WhenFull::Close);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use tokio_util::sync::CancellationToken;

    use super::SendOutcome;
    use crate::peer::access::{AccessCell, ConnectionAccess};
    use crate::peer::close::CloseReason;
    use crate::peer::endpoint::{Peer, PeerQueue};
    use crate::peer::frame::Frame;
    use crate::peer::limits::{Limits, WhenFull};

    /// Returns a connection whose queue has room for one frame.
    fn narrow() -> (Peer, PeerQueue, CancellationToken) {
        let limits = Limits::new().queued_frames(1);
        let closing = CancellationToken::new();
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        let (peer, queue) = Peer::new(&Arc::new(limits), closing.clone(), access);
        (peer, queue, closing)
    }

    fn frame() -> Frame {
        Frame::from("{}".to_owned())
    }

    #[test]
    fn a_frame_for_which_nobody_can_wait_closes_a_full_connection() {
        let (peer, _queue, closing) = narrow();
        peer.send_or_close(frame());
        assert!(!closing.is_cancelled());
        peer.send_or_close(frame());
        assert!(closing.is_cancelled());
        assert_eq!(*peer.close_reason(), CloseReason::Congested);
    }

    #[test]
    fn a_frame_that_may_wait_is_queued_once_there_is_room() {
        let (peer, mut queue, closing) = narrow();
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(
            peer.send(frame(), WhenFull::Wait),
            SendOutcome::Queued
        ));
        let SendOutcome::Waiting(mut waiting) = peer.send(frame(), WhenFull::Wait) else {
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
        assert!(matches!(
            peer.send(frame(), WhenFull::Wait),
            SendOutcome::Lost
        ));
        assert!(matches!(
            peer.send(frame(), WhenFull::Close),
            SendOutcome::Lost
        ));
    }
}
