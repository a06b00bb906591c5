//! What is written to a connection when nothing else waits: the chunks of streams.
//!
//! Two parties meet here. Whoever has frames for a connection is a [`Source`], and offers itself; the
//! connection's driver takes one frame of each in turn, when the transport has room and no call, event or
//! reply is ahead. So a stream never fills the queue that calls share, and frames that a slow client leaves
//! behind wait once, with their source, which bounds them.
//!
//! The channel behind it has no bound of its own: a source offers itself once, until it has been found empty.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use crate::peer::Frame;

/// Something that has frames for a connection.
pub(crate) trait Source: Send + Sync {
    /// Takes the next frame out. With `None` there is none now: the source may offer itself again.
    fn next(&self) -> Option<Frame>;
}

/// The way to the driver. Cloning is cheap and gives the same lane.
#[derive(Clone)]
pub(crate) struct Lane(mpsc::UnboundedSender<Arc<dyn Source>>);

/// The lane, as the driver has it.
pub(crate) struct LaneQueue {
    offered: mpsc::UnboundedReceiver<Arc<dyn Source>>,
    /// Those that had frames when they were last asked.
    active: VecDeque<Arc<dyn Source>>,
}

impl Lane {
    /// A lane: its two ends.
    pub(crate) fn new() -> (Self, LaneQueue) {
        let (sender, offered) = mpsc::unbounded_channel();
        let queue = LaneQueue {
            offered,
            active: VecDeque::new(),
        };
        (Self(sender), queue)
    }

    /// Has the driver take frames from `source`, until it has none. Nothing happens once the connection has ended.
    pub(crate) fn offer(&self, source: Arc<dyn Source>) {
        let _ = self.0.send(source);
    }
}

impl LaneQueue {
    /// The next frame, of each source in turn.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Frame> {
        loop {
            while let Poll::Ready(Some(source)) = self.offered.poll_recv(context) {
                self.active.push_back(source);
            }
            let Some(source) = self.active.pop_front() else {
                return Poll::Pending;
            };
            if let Some(frame) = source.next() {
                self.active.push_back(source);
                return Poll::Ready(frame);
            }
        }
    }

    /// Lets go of what is there: it was meant for a connection that is gone.
    pub(crate) fn clear(&mut self) {
        self.active.clear();
        while self.offered.try_recv().is_ok() {}
    }

    /// Takes no more, and lets go of what is there: the connection ends.
    pub(crate) fn close(&mut self) {
        self.offered.close();
        self.clear();
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").finish_non_exhaustive()
    }
}

impl fmt::Debug for LaneQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sources", self.active.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    use super::{Lane, Source};
    use crate::peer::Frame;

    struct Numbered(char, Mutex<u8>);

    impl Source for Numbered {
        fn next(&self) -> Option<Frame> {
            let mut left = self.1.lock().unwrap();
            *left = left.checked_sub(1)?;
            Some(Frame::from(format!("{}{left}", self.0)))
        }
    }

    #[test]
    fn sources_take_turns() {
        let (lane, mut queue) = Lane::new();
        lane.offer(Arc::new(Numbered('a', Mutex::new(3))));
        lane.offer(Arc::new(Numbered('b', Mutex::new(1))));
        let mut context = Context::from_waker(Waker::noop());
        let mut frames = Vec::new();
        while let Poll::Ready(frame) = queue.poll_next(&mut context) {
            frames.push(frame.as_str().to_owned());
        }
        assert_eq!(frames, ["a2", "b0", "a1", "a0"]);
        queue.close();
        lane.offer(Arc::new(Numbered('c', Mutex::new(1))));
        assert!(queue.poll_next(&mut context).is_pending());
    }
}
