//! The frames that wait until their POST may be sent, in order.

use std::collections::VecDeque;

use crate::client::sse::posts::PostKind;
use crate::peer::{Frame, Limits};

/// The largest number of bytes that a frame occupies beside its text.
const OVERHEAD: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Backlog {
    frames: VecDeque<(Frame, PostKind)>,
    bytes: usize,
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether the backlog accepts no further frame. An empty backlog always accepts one.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        !self.is_empty() && self.bytes >= limits.waiting_bytes
    }

    pub(super) fn push(&mut self, frame: Frame, kind: PostKind) {
        self.bytes += frame.len() + OVERHEAD;
        self.frames.push_back((frame, kind));
    }

    /// Takes the first frame, if its kind may be sent now.
    pub(super) fn pop_if(
        &mut self,
        may_leave: impl FnOnce(PostKind) -> bool,
    ) -> Option<(Frame, PostKind)> {
        let (_, kind) = self.frames.front()?;
        if !may_leave(*kind) {
            return None;
        }
        let (frame, kind) = self.frames.pop_front()?;
        self.bytes -= frame.len() + OVERHEAD;
        Some((frame, kind))
    }

    /// Removes the call with this id. Returns whether it was in the backlog.
    pub(super) fn remove(&mut self, call: u64) -> bool {
        let found = |(_, kind): &(Frame, PostKind)| *kind == PostKind::Call(Some(call));
        let Some(at) = self.frames.iter().position(found) else {
            return false;
        };
        if let Some((frame, _)) = self.frames.remove(at) {
            self.bytes -= frame.len() + OVERHEAD;
        }
        true
    }
}
