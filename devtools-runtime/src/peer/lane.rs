//! The stream chunks of a connection, which are written after its calls, events and replies.
//!
//! A [`FrameSource`] that has frames for a connection registers itself with the connection's
//! [queue](crate::peer::Outbound::offer). The driver takes frames from each source in turn, when the transport has room and
//! the calls, events and replies have had their share of the driver's turn. So a stream never fills the queue that calls
//! share, and the frames for a slow client wait once, in their source, which limits them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::mutex::Mutex;
use crate::peer::frame::Frame;

/// The number of frames that are taken from all sources in one round.
const FRAMES_AT_ONCE: usize = 32;
/// The number of bytes after which no further frame is taken from one source in a round.
const BYTES_AT_ONCE: usize = 16 * 1024;

/// A source of frames for a connection, such as a stream with subscribers.
pub(crate) trait FrameSource: Send + Sync {
    /// Moves the next frames into `batch` until it is full. If the batch is not full afterwards, the source has no more
    /// frames now and must register itself again when it has.
    fn take(&self, batch: &mut FrameBatch<'_>);
}

/// The frames that a source hands over in one turn, limited in frames and bytes.
pub(crate) struct FrameBatch<'l> {
    frames: &'l mut VecDeque<Frame>,
    left: usize,
    bytes_left: usize,
}

/// A source of one frame.
pub(crate) struct SingleFrame(Mutex<Option<Frame>>);

/// The frame sources of a connection, as its driver holds them.
#[derive(Default)]
pub(crate) struct Lane {
    /// The sources that had more frames when they were last asked.
    active: VecDeque<Arc<dyn FrameSource>>,
    /// The frames that were taken from the sources and are not written yet.
    taken: VecDeque<Frame>,
}

impl FrameBatch<'_> {
    /// Returns whether no further frame fits.
    pub(crate) fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Adds a frame. The last frame may exceed the limit of bytes.
    pub(crate) fn push(&mut self, frame: Frame) {
        self.left = match self.bytes_left.checked_sub(frame.len()) {
            Some(bytes_left) => {
                self.bytes_left = bytes_left;
                self.left.saturating_sub(1)
            }
            None => 0,
        };
        self.frames.push_back(frame);
    }
}

impl SingleFrame {
    pub(crate) fn new(frame: Frame) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(frame))))
    }
}

impl FrameSource for SingleFrame {
    fn take(&self, batch: &mut FrameBatch<'_>) {
        let frame = self.0.lock().take();
        if let Some(frame) = frame {
            batch.push(frame);
        }
    }
}

impl Lane {
    /// Adds sources.
    pub(crate) fn add(&mut self, sources: impl IntoIterator<Item = Arc<dyn FrameSource>>) {
        self.active.extend(sources);
    }

    /// Returns the next frame, from each source in turn.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.taken.pop_front() {
                return Some(frame);
            }
            let share = (FRAMES_AT_ONCE / self.active.len().max(1)).max(1);
            let source = self.active.pop_front()?;
            let mut batch = FrameBatch {
                frames: &mut self.taken,
                left: share,
                bytes_left: BYTES_AT_ONCE,
            };
            source.take(&mut batch);
            if batch.is_full() {
                self.active.push_back(source);
            }
        }
    }

    /// Removes all sources and frames, because their connection has ended or is about to end.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Releases memory if there are no frames.
    pub(crate) fn shrink(&mut self) {
        if self.active.is_empty() && self.taken.capacity() > 0 {
            self.clear();
        }
    }
}

crate::debug_impl! { Lane as it => "{} sources", it.active.len() }

impl fmt::Debug for dyn FrameSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a source")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{FRAMES_AT_ONCE, FrameBatch, FrameSource, Lane};
    use crate::peer::Frame;

    struct Numbered(char, Mutex<u8>);

    impl FrameSource for Numbered {
        fn take(&self, batch: &mut FrameBatch<'_>) {
            let mut left = self.1.lock().unwrap();
            while !batch.is_full() && *left > 0 {
                *left -= 1;
                batch.push(Frame::from(format!("{}{left}", self.0)));
            }
        }
    }

    fn source(letter: char, frames: u8) -> Arc<dyn FrameSource> {
        Arc::new(Numbered(letter, Mutex::new(frames)))
    }

    #[test]
    fn sources_take_turns() {
        let share = u8::try_from(FRAMES_AT_ONCE / 2).unwrap();
        let mut lane = Lane::default();
        lane.add([source('a', share + 2), source('b', share + 1)]);
        let mut frames = String::new();
        while let Some(frame) = lane.next() {
            frames.push_str(&frame.as_str()[..1]);
        }
        let (a, b) = ("a".repeat(share.into()), "b".repeat(share.into()));
        assert_eq!(frames, format!("{a}{b}aab"));
    }
}
