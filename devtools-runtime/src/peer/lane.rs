//! The chunks of streams, which are written to a connection after its calls, events and replies.
//!
//! Whoever has frames for a connection is a [`FrameSource`], and offers itself to the connection's
//! [queue](crate::peer::Outbound::offer). The connection's driver takes frames of each in turn, when the transport has
//! room and the calls, events and replies have had their share of the driver's turn. So a stream never fills the queue that calls share, and frames that a
//! slow client leaves behind wait once, with their source, which bounds them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::peer::Frame;

/// How many frames are taken out of their sources at once, and how many bytes before the last one.
const FRAMES_AT_ONCE: usize = 32;
const BYTES_AT_ONCE: usize = 16 * 1024;

/// Something that has frames for a connection.
pub(crate) trait FrameSource: Send + Sync {
    /// Takes the next frames out, for as long as there is room. If that leaves room, there are no more now: the source
    /// may offer itself again.
    fn take(&self, room: &mut Room<'_>);
}

/// Where a source puts its frames.
pub(crate) struct Room<'l> {
    frames: &'l mut VecDeque<Frame>,
    left: usize,
    bytes_left: usize,
}

/// A source of one frame.
pub(crate) struct SingleFrame(Mutex<Option<Frame>>);

/// The sources of a connection, as its driver has them.
#[derive(Default)]
pub(crate) struct Lane {
    /// Those that had frames when they were last asked.
    active: VecDeque<Arc<dyn FrameSource>>,
    /// What was taken out of them.
    taken: VecDeque<Frame>,
}

impl Room<'_> {
    /// Whether there is none.
    pub(crate) fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Takes a frame, which may be the last one.
    pub(crate) fn put(&mut self, frame: Frame) {
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
    fn take(&self, room: &mut Room<'_>) {
        let frame = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(frame) = frame {
            room.put(frame);
        }
    }
}

impl Lane {
    /// Takes frames of these, too.
    pub(crate) fn add(&mut self, sources: impl IntoIterator<Item = Arc<dyn FrameSource>>) {
        self.active.extend(sources);
    }

    /// The next frame, of each source in turn.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.taken.pop_front() {
                return Some(frame);
            }
            let share = (FRAMES_AT_ONCE / self.active.len().max(1)).max(1);
            let source = self.active.pop_front()?;
            let mut room = Room {
                frames: &mut self.taken,
                left: share,
                bytes_left: BYTES_AT_ONCE,
            };
            source.take(&mut room);
            if room.is_over() {
                self.active.push_back(source);
            }
        }
    }

    /// Lets go of what is there: it was meant for a connection that is gone, or is about to be.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Lets go of memory while there is nothing.
    pub(crate) fn rest(&mut self) {
        if self.active.is_empty() && self.taken.capacity() > 0 {
            self.clear();
        }
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sources", self.active.len())
    }
}

impl fmt::Debug for dyn FrameSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a source")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{FRAMES_AT_ONCE, FrameSource, Lane, Room};
    use crate::peer::Frame;

    struct Numbered(char, Mutex<u8>);

    impl FrameSource for Numbered {
        fn take(&self, room: &mut Room<'_>) {
            let mut left = self.1.lock().unwrap();
            while !room.is_over() && *left > 0 {
                *left -= 1;
                room.put(Frame::from(format!("{}{left}", self.0)));
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
