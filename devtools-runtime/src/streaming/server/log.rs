//! The log of a stream: the chunks that a subscriber may still need, each as one frame for all subscribers.
//!
//! The numbers of the chunks grow by one. Only the log of a stream of another process can have holes, where this process has missed
//! chunks.

use std::collections::VecDeque;

use crate::peer::Frame;

/// The last chunks of a stream by their numbers, which start at 1.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<LoggedChunk>,
    /// The position after the last chunk that was written, stored or not.
    last: Position,
    /// The first chunk that is stored for late subscribers.
    replay_from: u64,
}

#[derive(Debug)]
struct LoggedChunk {
    seq: u64,
    frame: Frame,
    /// The number of bytes written up to and including this chunk.
    through: u64,
}

/// A position in a stream: after the chunk of this number, and after this many bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) seq: u64,
    pub(super) bytes: u64,
}

impl Position {
    /// Returns the later of the two.
    pub(super) fn max(self, other: Self) -> Self {
        if self.seq >= other.seq { self } else { other }
    }

    /// Returns the earlier of the two.
    pub(super) fn min(self, other: Self) -> Self {
        if self.seq <= other.seq { self } else { other }
    }
}

impl Log {
    /// Returns the end position of the stream.
    pub(super) fn last(&self) -> Position {
        self.last
    }

    /// Returns the number of stored bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.last.bytes - self.before(self.first()).bytes
    }

    /// Returns the number of stored chunks.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the number of the first stored chunk, or of the next chunk if none is stored.
    fn first(&self) -> u64 {
        self.entries
            .front()
            .map_or(self.last.seq + 1, |entry| entry.seq)
    }

    /// Returns the first stored chunk whose number is at least `seq`.
    fn entry(&self, seq: u64) -> Option<&LoggedChunk> {
        let index = seq.saturating_sub(self.first());
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        match self.entries.get(index) {
            Some(entry) if entry.seq == seq => Some(entry),
            // There are holes before it, or it is not stored.
            _ => {
                let index = self.entries.partition_point(|entry| entry.seq < seq);
                self.entries.get(index)
            }
        }
    }

    /// Returns the number and the frame of the first stored chunk after the chunk of this number.
    pub(super) fn after(&self, seq: u64) -> Option<(u64, &Frame)> {
        if seq >= self.last.seq {
            return None;
        }
        let entry = self.entry(seq + 1)?;
        Some((entry.seq, &entry.frame))
    }

    /// Returns the position before a chunk. If the chunk is not stored, it is the position before the next one that is.
    pub(super) fn before(&self, seq: u64) -> Position {
        match self.entry(seq) {
            Some(entry) => Position {
                seq: entry.seq - 1,
                bytes: entry.through - entry.frame.len() as u64,
            },
            None => self.last,
        }
    }

    /// Returns the position from which a reader continues that has received the chunks up to `after`.
    pub(super) fn resume(&self, after: u64) -> Position {
        self.before(after.saturating_add(1).max(self.replay_from))
    }

    /// Adds the next chunk. Chunks over the limits are not stored for late subscribers any more.
    pub(super) fn push(&mut self, frame: Frame, replay: usize, replay_bytes: usize) {
        self.last.seq += 1;
        self.last.bytes += frame.len() as u64;
        let through = self.last.bytes;
        let seq = self.last.seq;
        self.entries.push_back(LoggedChunk {
            seq,
            frame,
            through,
        });
        let replay = replay as u64;
        self.replay_from = self
            .replay_from
            .max(self.last.seq.saturating_add(1).saturating_sub(replay));
        while self.replay_from <= self.last.seq
            && self.last.bytes - self.before(self.replay_from).bytes > replay_bytes as u64
        {
            self.replay_from = self.before(self.replay_from).seq + 2;
        }
    }

    /// Counts the next chunk without storing it, because no subscriber can get it.
    pub(super) fn skip(&mut self) {
        self.entries.clear();
        self.last.seq += 1;
        self.replay_from = self.last.seq + 1;
    }

    /// Leaves the chunks up to this number out, because this process does not receive them.
    pub(super) fn skip_to(&mut self, seq: u64) {
        self.last.seq = self.last.seq.max(seq);
    }

    /// Removes chunks before `wanted`, except those that are stored for late subscribers.
    pub(super) fn trim(&mut self, wanted: u64) {
        let keep = wanted.min(self.replay_from);
        while !self.entries.is_empty() && self.first() < keep {
            self.entries.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, Position};
    use crate::peer::Frame;

    fn log(chunks: u64, replay: usize, replay_bytes: usize) -> Log {
        let mut log = Log::default();
        for _ in 0..chunks {
            log.push(Frame::from("x".repeat(10)), replay, replay_bytes);
            log.trim(u64::MAX);
        }
        log
    }

    #[test]
    fn as_much_is_kept_as_either_bound_allows() {
        let by_count = log(10, 3, 1000);
        assert_eq!((by_count.len(), by_count.bytes()), (3, 30));
        assert_eq!(by_count.resume(0).seq, 7);
        assert_eq!(by_count.resume(8), Position { seq: 8, bytes: 80 });
        assert_eq!(by_count.resume(99).seq, 10);
        let by_bytes = log(10, 100, 45);
        assert_eq!((by_bytes.len(), by_bytes.bytes()), (4, 40));
        assert_eq!(log(10, 0, 1000).len(), 0);
        assert_eq!(log(10, 100, 5).len(), 0);
    }

    #[test]
    fn what_somebody_still_wants_is_kept() {
        let mut log = Log::default();
        for _ in 0..10 {
            log.push(Frame::from("x".repeat(10)), 2, 1000);
            log.trim(4);
        }
        assert_eq!(log.len(), 7);
        assert_eq!(log.after(3).map(|(seq, _)| seq), Some(4));
        assert_eq!(log.after(1).map(|(seq, _)| seq), Some(4));
        assert!(log.after(10).is_none());
        // A late subscriber starts at the first chunk of the replay window.
        assert_eq!(log.resume(0).seq, 8);
        log.skip();
        assert_eq!((log.len(), log.bytes(), log.resume(0).seq), (0, 0, 11));
    }

    #[test]
    fn a_log_has_holes_where_chunks_are_missing() {
        let mut log = Log::default();
        let push = |log: &mut Log| log.push(Frame::from("x".repeat(10)), 5, 1000);
        log.skip_to(3);
        push(&mut log);
        push(&mut log);
        log.skip_to(9);
        push(&mut log);
        let after = |seq| log.after(seq).map(|(seq, _)| seq);
        assert_eq!(
            [0, 3, 4, 5, 8, 9].map(after),
            [4, 4, 5, 10, 10, 10].map(Some)
        );
        assert_eq!(after(10), None);
        assert_eq!(log.before(1), Position { seq: 3, bytes: 0 });
        assert_eq!(log.before(5), Position { seq: 4, bytes: 10 });
        assert_eq!(log.before(7), Position { seq: 9, bytes: 20 });
        assert_eq!(log.before(11), log.last());
        assert_eq!(log.bytes(), 30);
        // The replay window is counted in numbers.
        assert_eq!(log.resume(0).seq, 9);
    }
}
