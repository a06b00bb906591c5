//! The requests of a connection that have arrived and are not dispatched yet.

use std::collections::VecDeque;

use crate::peer::Frame;

/// Requests that wait until there is room for them, in their order.
#[derive(Default)]
pub(super) struct HeldRequests {
    frames: VecDeque<Frame>,
    bytes: usize,
}

impl HeldRequests {
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns whether no further request may be held. A single one always may.
    pub(super) fn is_full(&self, (frames, bytes): (usize, usize)) -> bool {
        !self.is_empty() && (self.frames.len() >= frames || self.bytes >= bytes)
    }

    pub(super) fn push(&mut self, frame: Frame) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}
