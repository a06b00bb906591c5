//! How much a driver does before other tasks run.
//!
//! Each kind of work has a share of its own in a turn, so that none of them can take the time of another: a transport that
//! always has room for chunks does not keep requests from being read. A share is bounded by frames and by bytes, because a
//! frame costs more the longer it is. The last frame of a share may go over its bytes.

/// What is left of one turn of a driver.
#[derive(Debug)]
pub(super) struct Turn {
    /// Replies and queued frames that are written.
    pub(super) written: Share,
    /// Requests and replies that are read, and held requests that are dispatched.
    pub(super) read: Share,
    /// Chunks of streams that are written.
    pub(super) chunks: Share,
}

/// What is left for one kind of work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    frames: usize,
    /// Of what is read, these are the bytes of the frame and of each record that it refers to again.
    bytes: usize,
}

/// How many frames there are in each share.
const FRAMES: usize = 256;

impl Turn {
    pub(super) fn new() -> Self {
        let share = |bytes| Share {
            frames: FRAMES,
            bytes,
        };
        Self {
            // Writing copies the frame, reading parses it.
            written: share(1024 * 1024),
            read: share(64 * 1024),
            chunks: share(128 * 1024),
        }
    }

    /// Whether a share is used up, so that there may be more to do in the next turn.
    pub(super) fn is_over(&self) -> bool {
        self.written.is_over() || self.read.is_over() || self.chunks.is_over()
    }
}

impl Share {
    pub(super) fn is_over(&self) -> bool {
        self.frames == 0 || self.bytes == 0
    }

    /// Uses some of the share for a frame that costs so many bytes.
    pub(super) fn take(&mut self, bytes: usize) {
        self.frames = self.frames.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// How many frames are left.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }
}
