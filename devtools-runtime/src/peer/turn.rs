//! The amount of work that a driver does before other tasks run.
//!
//! Each kind of work has its own share of a turn, so that none can take the time of another: a transport that always has
//! room for chunks does not keep requests from being read. A share is limited in frames and in bytes, because a frame costs
//! more the longer it is. The last frame of a share may exceed its bytes.

/// The work that is left in one turn of a driver.
#[derive(Debug)]
pub(super) struct Turn {
    /// Replies and queued frames that may still be written.
    pub(super) written: Share,
    /// Requests and replies that may still be read, and held requests that may still be dispatched.
    pub(super) read: Share,
    /// Chunks of streams that may still be written.
    pub(super) chunks: Share,
}

/// The work that is left for one kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    frames: usize,
    /// For reading, this counts the bytes of the frame and of each record that the frame refers to again.
    bytes: usize,
}

/// The number of frames in each share.
const FRAMES: usize = 256;

/// The number of replies in the share for reading.
///
/// A reply wakes a caller, which often makes its next call at once. The turn ends after a few replies, so that the requests of these
/// callers are on their way to the other side while the remaining replies are read.
const REPLIES: usize = 16;

impl Turn {
    pub(super) fn new() -> Self {
        let share = |bytes| Share {
            frames: FRAMES,
            bytes,
        };
        Self {
            // Reading costs more than writing: writing copies the frame, reading parses it.
            written: share(1024 * 1024),
            read: share(64 * 1024),
            chunks: share(128 * 1024),
        }
    }

    /// Returns whether a share is used up, so that there may be more work for the next turn.
    pub(super) fn is_over(&self) -> bool {
        self.written.is_over() || self.read.is_over() || self.chunks.is_over()
    }
}

impl Share {
    pub(super) fn is_over(&self) -> bool {
        self.frames == 0 || self.bytes == 0
    }

    /// Uses some of the share for a frame that costs `bytes`.
    pub(super) fn take(&mut self, bytes: usize) {
        self.frames = self.frames.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Uses as much of the share as a reply to a call of this side takes beside its frame.
    pub(super) fn take_reply(&mut self) {
        self.frames = self.frames.saturating_sub(FRAMES / REPLIES - 1);
    }

    /// Returns the number of frames that are left.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }
}
