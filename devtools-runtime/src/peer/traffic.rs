//! A bounded record of the frames of all connections of a context, for the inspector.
//!
//! Frames are recorded only while somebody reads the record. Otherwise a frame costs one atomic load.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::peer::frame::Frame;

/// The least number of bytes that a frame counts for, because a short frame may share the buffer that it was read into.
const LEAST_BYTES: usize = 512;

/// The time after the last read when recording ends.
const LEASE: Duration = Duration::from_secs(5);

/// The record of a context.
#[derive(Debug)]
pub(crate) struct TrafficLog {
    /// Whether frames are recorded now.
    recording: AtomicBool,
    /// The moment that the times of frames count from.
    began: Instant,
    max_frames: usize,
    max_bytes: usize,
    recorded: Mutex<Recorded>,
}

#[derive(Debug, Default)]
struct Recorded {
    frames: VecDeque<RecordedFrame>,
    /// The number of the next frame.
    next: u64,
    bytes: usize,
    /// The sessions that have read the record. It exists until the last of them has ended.
    readers: BTreeSet<u64>,
    /// The end of recording, unless the record is read before.
    lease: Option<Instant>,
}

/// A frame of the record.
#[derive(Debug, Clone)]
pub(crate) struct RecordedFrame {
    /// The number of the frame. No number is used twice.
    pub(crate) number: u64,
    /// The time since the record was created.
    pub(crate) at: Duration,
    pub(crate) session: u64,
    pub(crate) direction: Direction,
    pub(crate) frame: Frame,
}

/// The direction of a frame, as the server sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Written,
}

/// The newest frames of the record.
#[derive(Debug, Default)]
pub(crate) struct RecentFrames {
    pub(crate) frames: Vec<RecordedFrame>,
    /// The number of the frame that is recorded next.
    pub(crate) next: u64,
    /// The frames between the requested number and the first returned frame, which the reader does not get.
    pub(crate) skipped: u64,
    /// The time since the record was created.
    pub(crate) now: Duration,
}

impl TrafficLog {
    /// Creates a record of at most so many frames and bytes. The oldest frames are dropped.
    pub(crate) fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            recording: AtomicBool::new(false),
            began: Instant::now(),
            max_frames,
            max_bytes,
            recorded: Mutex::default(),
        }
    }

    /// Returns at most `most` of the frames from the number `since` on, and records frames for some seconds more. The record is dropped when
    /// the session `reader` and all other readers have left it.
    pub(crate) fn read(&self, reader: u64, since: u64, most: usize) -> RecentFrames {
        let mut recorded = self.lock();
        recorded.readers.insert(reader);
        recorded.lease = Some(Instant::now() + LEASE);
        self.recording.store(true, Ordering::Relaxed);
        let next = recorded.next;
        let first = next - recorded.frames.len() as u64;
        // A number of the future comes from a page that outlived an earlier run of the program.
        let since = if since > next { first } else { since };
        let wanted = recorded.frames.len()
            - usize::try_from(since.saturating_sub(first))
                .unwrap_or(usize::MAX)
                .min(recorded.frames.len());
        let start = recorded.frames.len() - wanted.min(most);
        let frames: Vec<_> = recorded.frames.range(start..).cloned().collect();
        RecentFrames {
            skipped: next - since - frames.len() as u64,
            frames,
            next,
            now: self.began.elapsed(),
        }
    }

    /// Removes a reader. If it was the last one, recording ends, and the frames are dropped.
    pub(crate) fn leave(&self, reader: u64) {
        let mut recorded = self.lock();
        if recorded.readers.remove(&reader) && recorded.readers.is_empty() {
            self.recording.store(false, Ordering::Relaxed);
            *recorded = Recorded {
                next: recorded.next,
                ..Recorded::default()
            };
        }
    }

    /// Returns the frame of this number, if it is still recorded.
    pub(crate) fn frame(&self, number: u64) -> Option<RecordedFrame> {
        let recorded = self.lock();
        let first = recorded.next - recorded.frames.len() as u64;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        recorded.frames.get(index).cloned()
    }

    /// Records a frame. Ends recording if nobody has read the record for some seconds. The frames stay, because a page that pauses still shows
    /// them.
    #[cold]
    fn record(&self, session: u64, direction: Direction, frame: &Frame) {
        let now = Instant::now();
        let mut recorded = self.lock();
        if recorded.lease.is_none_or(|end| end < now) {
            self.recording.store(false, Ordering::Relaxed);
            return;
        }
        let number = recorded.next;
        recorded.next += 1;
        recorded.bytes += weight(frame);
        recorded.frames.push_back(RecordedFrame {
            number,
            at: now - self.began,
            session,
            direction,
            frame: frame.clone(),
        });
        while recorded.frames.len() > self.max_frames || recorded.bytes > self.max_bytes {
            let Some(oldest) = recorded.frames.pop_front() else {
                break;
            };
            recorded.bytes -= weight(&oldest.frame);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        // No critical section can leave the record half changed.
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn weight(frame: &Frame) -> usize {
    frame.len().max(LEAST_BYTES)
}

/// The connection of one session to the record.
#[derive(Debug)]
pub(crate) struct TrafficTap {
    log: Arc<TrafficLog>,
    session: u64,
}

impl TrafficTap {
    pub(crate) fn new(log: Arc<TrafficLog>, session: u64) -> Self {
        Self { log, session }
    }

    /// Records a frame, if frames are recorded now.
    pub(crate) fn saw(&self, direction: Direction, frame: &Frame) {
        if self.log.recording.load(Ordering::Relaxed) {
            self.log.record(self.session, direction, frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Direction, LEASE, LEAST_BYTES, TrafficLog, TrafficTap};
    use crate::peer::frame::Frame;

    fn log(frames: usize, bytes: usize) -> (Arc<TrafficLog>, TrafficTap) {
        let log = Arc::new(TrafficLog::new(frames, bytes));
        let tap = TrafficTap::new(Arc::clone(&log), 7);
        (log, tap)
    }

    fn see(tap: &TrafficTap, texts: &[&str]) {
        for text in texts {
            tap.saw(Direction::Read, &Frame::from((*text).to_owned()));
        }
    }

    fn texts(log: &TrafficLog, since: u64, most: usize) -> (Vec<String>, u64, u64) {
        let recent = log.read(1, since, most);
        let texts = recent.frames.iter().map(|it| it.frame.as_str().to_owned());
        (texts.collect(), recent.next, recent.skipped)
    }

    #[test]
    fn frames_are_recorded_only_while_somebody_reads() {
        let (log, tap) = log(10, 10 * LEAST_BYTES);
        see(&tap, &["before"]);
        assert_eq!(texts(&log, 0, 10), (vec![], 0, 0));
        see(&tap, &["a", "b"]);
        assert_eq!(texts(&log, 0, 10), (vec!["a".into(), "b".into()], 2, 0));
        see(&tap, &["c"]);
        assert_eq!(texts(&log, 2, 10), (vec!["c".into()], 3, 0));
        log.leave(2);
        assert!(log.frame(2).is_some(), "it was not a reader");
        log.leave(1);
        assert!(log.frame(2).is_none());
        see(&tap, &["d"]);
        assert_eq!(texts(&log, 0, 10), (vec![], 3, 3));
    }

    #[test]
    fn recording_ends_when_nobody_reads_for_a_while() {
        let (log, tap) = log(10, 10 * LEAST_BYTES);
        log.read(1, 0, 10);
        see(&tap, &["a"]);
        let end = log.lock().lease.and_then(|end| end.checked_sub(2 * LEASE));
        log.lock().lease = end;
        see(&tap, &["late", "later"]);
        assert_eq!(texts(&log, 0, 10), (vec!["a".into()], 1, 0));
        see(&tap, &["b"]);
        assert_eq!(texts(&log, 1, 10), (vec!["b".into()], 2, 0), "it goes on");
    }

    #[test]
    fn the_oldest_frames_make_room_and_the_reader_learns_how_many_it_missed() {
        let (log, tap) = log(3, 10 * LEAST_BYTES);
        log.read(1, 0, 10);
        see(&tap, &["a", "b", "c", "d", "e"]);
        let newest = || vec!["d".to_owned(), "e".to_owned()];
        assert_eq!(texts(&log, 1, 2), (newest(), 5, 2));
        assert!(log.frame(1).is_none());
        assert_eq!(log.frame(2).unwrap().frame.as_str(), "c");
        assert!(log.frame(5).is_none());
        let large = "x".repeat(9 * LEAST_BYTES);
        see(&tap, &[&large]);
        assert_eq!(log.lock().frames.len(), 2, "bytes are bounded too");
        assert_eq!(texts(&log, 999, 10).0.len(), 2, "a number of the future");
    }
}
