//! The amount of work that a driver does before other tasks run.
//!
//! Each kind of work has its own share of a turn, so that none can take the time of another: a transport that always has
//! room for chunks does not keep requests from being read. A share is limited in frames and in bytes, because a frame costs
//! more the longer it is. The last frame of a share may exceed its bytes.

/// The work that is left in one turn of a driver.
#[derive(Debug)]
pub(super) struct Turn {
    /// Replies and queued frames that may still be written.
    pub(super) written: TurnShare,
    /// Requests and replies that may still be read, and held requests that may still be dispatched.
    pub(super) read: TurnShare,
    /// Chunks of streams that may still be written.
    pub(super) chunks: TurnShare,
}

/// The work that is left for one kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TurnShare {
    frames: usize,
    /// For reading, this counts the bytes of the frame and of each record that the frame refers to again.
    bytes: usize,
    /// The replies to calls of this side that may still be read. `None` before the first of them.
    replies: Option<usize>,
}

/// The number of frames in each share.
const FRAMES: usize = 256;

/// The number of chunks in one turn from which on they count as many.
const MANY_CHUNKS: usize = 32;

/// The part of the waiting calls, one in `REPLIED_FRACTION`, whose replies are read in one turn.
///
/// A reply wakes a caller, which often makes its next call at once. If all replies were read first, all requests would
/// follow at once, and the two sides would work in turn. So these callers run, and their requests are sent, while the
/// remaining replies are still unread.
const REPLIED_FRACTION: usize = 4;

/// The numbers of replies that are read in one turn, at least and at most. Each turn has a cost of its own.
const REPLIES: (usize, usize) = (4, 64);

impl Turn {
    pub(super) fn new() -> Self {
        let share = |bytes| TurnShare {
            frames: FRAMES,
            bytes,
            replies: None,
        };
        Self {
            // Reading costs more than writing: writing copies the frame, reading parses it.
            written: share(1024 * 1024),
            read: share(64 * 1024),
            chunks: share(128 * 1024),
        }
    }

    /// Returns whether many chunks were written, as by a producer that makes them quickly.
    pub(super) fn has_many_chunks(&self) -> bool {
        FRAMES - self.chunks.frames >= MANY_CHUNKS
    }

    /// Returns whether something was read.
    pub(super) fn has_read(&self) -> bool {
        self.read.frames < FRAMES
    }

    /// Returns whether a share is used up, so that there may be more work for the next turn.
    pub(super) fn is_over(&self) -> bool {
        self.written.is_over() || self.read.is_over() || self.chunks.is_over()
    }
}

impl TurnShare {
    pub(super) fn is_over(&self) -> bool {
        self.frames == 0 || self.bytes == 0 || self.replies == Some(0)
    }

    /// Uses some of the share for a frame that costs `bytes`.
    pub(super) fn take(&mut self, bytes: usize) {
        self.frames = self.frames.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Uses the share of a reply that has woken a caller. `waiting` calls still wait for theirs.
    pub(super) fn take_reply(&mut self, waiting: usize) {
        let (least, most) = REPLIES;
        let share = || ((waiting + 1) / REPLIED_FRACTION).clamp(least, most);
        self.replies = Some(self.replies.unwrap_or_else(share).saturating_sub(1));
    }

    /// Returns the number of frames that are left.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }
}

#[cfg(test)]
mod tests {
    use super::Turn;

    /// Returns how many replies are read in a turn that begins with this many calls.
    fn read_in_one_turn(calls: usize) -> usize {
        let mut share = Turn::new().read;
        let mut read = 0;
        while !share.is_over() {
            read += 1;
            share.take(100);
            share.take_reply(calls.saturating_sub(read));
        }
        read
    }

    #[test]
    fn a_turn_reads_the_replies_of_a_part_of_the_calls() {
        for (calls, read) in [(1, 4), (16, 4), (64, 16), (100, 25), (10_000, 64)] {
            assert_eq!(read_in_one_turn(calls), read, "{calls}");
        }
    }
}
