//! A bounded record of the frames of all connections of a context, for the inspector.
//!
//! Frames are recorded only while somebody reads the record. Otherwise a frame costs one atomic load. Between two
//! reads, only as many frames are recorded as a read returns. All others are counted, which costs two atomic
//! operations, so the cost of recording does not grow with the traffic.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::mutex::Mutex;
use crate::peer::frame::Frame;

/// The number of bytes that a frame counts for besides its text.
const ENTRY_BYTES: usize = 128;

/// The time after the last read when recording ends.
const LEASE: Duration = Duration::from_secs(5);

/// The number of frames that are only counted between two looks at the clock. A power of two.
const COUNTED_AT_ONCE: u64 = 1024;

/// A function that is called with each frame that arrives.
pub(crate) type Observer = dyn Fn(&Frame) + Send + Sync;

/// The record of a context.
pub(crate) struct TrafficLog {
    /// Whether frames are recorded or observed now.
    watching: AtomicBool,
    /// Whether frames are recorded now.
    recording: AtomicBool,
    observer: Mutex<Option<Arc<Observer>>>,
    /// The number of the next frame, whether it is recorded or only counted.
    next: AtomicU64,
    /// The number from which frames are only counted, until the record is read again.
    counted_from: AtomicU64,
    /// The moment that the times of frames count from.
    began: Instant,
    max_frames: usize,
    max_bytes: usize,
    recorded: Mutex<TrafficRecord>,
}

#[derive(Debug, Default)]
struct TrafficRecord {
    /// The recorded frames, in the order of their numbers.
    frames: VecDeque<RecordedFrame>,
    bytes: usize,
    /// The sessions that have read the record. The frames are dropped when the last of them has ended.
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
    pub(crate) direction: FrameDirection,
    pub(crate) frame: Frame,
}

/// The direction of a frame, as the server sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameDirection {
    Read,
    Written,
}

/// The newest frames of the record.
#[derive(Debug, Default)]
pub(crate) struct RecentFrames {
    pub(crate) frames: Vec<RecordedFrame>,
    /// The number of the next frame.
    pub(crate) next: u64,
    /// The frames from the requested number on that the reader does not get.
    pub(crate) skipped: u64,
    /// The time since the record was created.
    pub(crate) now: Duration,
}

impl TrafficLog {
    /// Creates a record of at most `max_frames` frames and `max_bytes` bytes. Beyond that, the oldest frames are dropped.
    pub(crate) fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            watching: AtomicBool::new(false),
            recording: AtomicBool::new(false),
            observer: Mutex::new(None),
            next: AtomicU64::new(0),
            counted_from: AtomicU64::new(0),
            began: Instant::now(),
            max_frames,
            max_bytes,
            recorded: Mutex::default(),
        }
    }

    /// Returns at most `most` of the frames from the number `since` on, and records the next `most` frames of the
    /// coming seconds. The record is dropped when the session `reader` and all other readers have left it.
    pub(crate) fn read(&self, reader: u64, since: u64, most: usize) -> RecentFrames {
        let mut recorded = self.recorded.lock();
        recorded.readers.insert(reader);
        recorded.lease = Some(Instant::now() + LEASE);
        let next = self.next.load(Ordering::Relaxed);
        self.counted_from
            .store(next + most as u64, Ordering::Relaxed);
        self.record_from_now(true);
        // A number of the future comes from a page that outlived an earlier run of the program.
        let first = recorded.frames.front().map_or(next, |it| it.number);
        let since = if since > next { first } else { since };
        let old = recorded.frames.partition_point(|it| it.number < since);
        let start = old.max(recorded.frames.len().saturating_sub(most));
        let frames: Vec<_> = recorded.frames.range(start..).cloned().collect();
        RecentFrames {
            skipped: (next - since).saturating_sub(frames.len() as u64),
            frames,
            next,
            now: self.began.elapsed(),
        }
    }

    /// Removes a reader. If it was the last one, recording ends, and the frames are dropped.
    pub(crate) fn leave(&self, reader: u64) {
        let mut recorded = self.recorded.lock();
        if recorded.readers.remove(&reader) && recorded.readers.is_empty() {
            self.record_from_now(false);
            *recorded = TrafficRecord::default();
        }
    }

    /// Returns the frame of this number, if it is still recorded.
    pub(crate) fn frame(&self, number: u64) -> Option<RecordedFrame> {
        let recorded = self.recorded.lock();
        let place = recorded
            .frames
            .binary_search_by_key(&number, |it| it.number);
        recorded.frames.get(place.ok()?).cloned()
    }

    /// Calls `observer` with each frame that arrives from now on, in place of the observer before. `None` ends it.
    pub(crate) fn observe(&self, observer: Option<Arc<Observer>>) {
        let mut current = self.observer.lock();
        *current = observer;
        let watching = current.is_some() || self.recording.load(Ordering::Relaxed);
        self.watching.store(watching, Ordering::Relaxed);
    }

    /// Begins or ends recording.
    fn record_from_now(&self, recording: bool) {
        let observer = self.observer.lock();
        self.recording.store(recording, Ordering::Relaxed);
        let watching = recording || observer.is_some();
        self.watching.store(watching, Ordering::Relaxed);
    }

    /// Passes a frame to the observer and to the record, if there are any.
    #[cold]
    fn see(&self, session: u64, direction: FrameDirection, frame: &Frame) {
        let observer = match direction {
            FrameDirection::Read => self.observer.lock().clone(),
            FrameDirection::Written => None,
        };
        if let Some(observer) = observer {
            observer(frame);
        }
        if self.recording.load(Ordering::Relaxed) {
            self.take(session, direction, frame);
        }
    }

    /// Records a frame. Only counts it if as many frames were recorded since the last read as a read returns.
    fn take(&self, session: u64, direction: FrameDirection, frame: &Frame) {
        let is_counted = |next| next >= self.counted_from.load(Ordering::Relaxed);
        if is_counted(self.next.load(Ordering::Relaxed)) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number % COUNTED_AT_ONCE == 0 {
                self.end_if_due(&self.recorded.lock(), Instant::now());
            }
            return;
        }
        self.record(session, direction, frame);
    }

    fn record(&self, session: u64, direction: FrameDirection, frame: &Frame) {
        let kept = frame.to_keep();
        let now = Instant::now();
        let mut recorded = self.recorded.lock();
        if self.end_if_due(&recorded, now) {
            return;
        }
        // The lock is held, so frames are in the order of their numbers.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        recorded.bytes += weight(&kept);
        recorded.frames.push_back(RecordedFrame {
            number,
            at: now - self.began,
            session,
            direction,
            frame: kept,
        });
        while recorded.frames.len() > self.max_frames || recorded.bytes > self.max_bytes {
            let Some(oldest) = recorded.frames.pop_front() else {
                break;
            };
            recorded.bytes -= weight(&oldest.frame);
        }
    }

    /// Ends recording if nobody has read the record for some seconds, and returns whether it has ended. The frames
    /// stay, because a page that pauses still shows them.
    fn end_if_due(&self, recorded: &TrafficRecord, now: Instant) -> bool {
        let is_due = recorded.lease.is_none_or(|end| end < now);
        if is_due {
            self.record_from_now(false);
        }
        is_due
    }
}

crate::debug_impl! { TrafficLog { recording, next, .. } }

fn weight(frame: &Frame) -> usize {
    frame.len() + ENTRY_BYTES
}

/// The connection of one session to the record.
#[derive(Debug, Clone)]
pub(crate) struct TrafficTap {
    log: Arc<TrafficLog>,
    session: u64,
}

impl TrafficTap {
    pub(crate) fn new(log: Arc<TrafficLog>, session: u64) -> Self {
        Self { log, session }
    }

    /// Returns whether frames are recorded or observed now.
    pub(crate) fn is_watched(&self) -> bool {
        self.log.watching.load(Ordering::Relaxed)
    }

    /// Passes a frame on, if frames are recorded or observed now.
    pub(crate) fn saw(&self, direction: FrameDirection, frame: &Frame) {
        if self.is_watched() {
            self.log.see(self.session, direction, frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{COUNTED_AT_ONCE, ENTRY_BYTES, FrameDirection, LEASE, TrafficLog, TrafficTap};
    use crate::peer::frame::Frame;

    fn log(frames: usize, bytes: usize) -> (Arc<TrafficLog>, TrafficTap) {
        let log = Arc::new(TrafficLog::new(frames, bytes));
        let tap = TrafficTap::new(Arc::clone(&log), 7);
        (log, tap)
    }

    fn see(tap: &TrafficTap, texts: &[&str]) {
        for text in texts {
            tap.saw(FrameDirection::Read, &Frame::from((*text).to_owned()));
        }
    }

    fn texts(log: &TrafficLog, since: u64, most: usize) -> (Vec<String>, u64, u64) {
        let recent = log.read(1, since, most);
        let texts = recent.frames.iter().map(|it| it.frame.as_str().to_owned());
        (texts.collect(), recent.next, recent.skipped)
    }

    #[test]
    fn frames_are_recorded_only_while_somebody_reads() {
        let (log, tap) = log(10, 10 * (ENTRY_BYTES + 1));
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
        let (log, tap) = log(10, 10 * (ENTRY_BYTES + 1));
        log.read(1, 0, 10);
        see(&tap, &["a"]);
        let end = log
            .recorded
            .lock()
            .lease
            .and_then(|end| end.checked_sub(2 * LEASE));
        log.recorded.lock().lease = end;
        see(&tap, &["late", "later"]);
        assert_eq!(texts(&log, 0, 10), (vec!["a".into()], 1, 0));
        see(&tap, &["b"]);
        assert_eq!(texts(&log, 1, 10), (vec!["b".into()], 2, 0), "it goes on");
    }

    #[test]
    fn the_oldest_frames_make_room_and_the_reader_learns_how_many_it_missed() {
        let (log, tap) = log(3, 10 * (ENTRY_BYTES + 1));
        log.read(1, 0, 10);
        see(&tap, &["a", "b", "c", "d", "e"]);
        let newest = || vec!["d".to_owned(), "e".to_owned()];
        assert_eq!(texts(&log, 1, 2), (newest(), 5, 2));
        assert!(log.frame(1).is_none());
        assert_eq!(log.frame(2).unwrap().frame.as_str(), "c");
        assert!(log.frame(5).is_none());
        let large = "x".repeat(8 * ENTRY_BYTES);
        see(&tap, &[&large]);
        assert_eq!(log.recorded.lock().frames.len(), 2, "bytes are bounded too");
        assert_eq!(texts(&log, 999, 10).0.len(), 2, "a number of the future");
    }

    #[test]
    fn frames_beyond_those_that_a_read_returns_are_only_counted() {
        let (log, tap) = log(10, 100 * ENTRY_BYTES);
        log.read(1, 0, 2);
        see(&tap, &["a", "b", "c", "d"]);
        let (frames, next, skipped) = texts(&log, 0, 2);
        assert_eq!(
            (frames, next, skipped),
            (vec!["a".into(), "b".into()], 4, 2)
        );
        see(&tap, &["e"]);
        assert_eq!(texts(&log, 4, 2), (vec!["e".into()], 5, 0), "it goes on");
        assert_eq!(log.frame(4).unwrap().frame.as_str(), "e");
        assert!(log.frame(3).is_none(), "it was only counted");
    }

    #[test]
    fn an_observer_gets_what_arrives_until_it_is_removed() {
        let (log, tap) = log(10, 100 * ENTRY_BYTES);
        let seen = Arc::new(crate::mutex::Mutex::new(Vec::new()));
        let list = Arc::clone(&seen);
        let add = move |frame: &Frame| list.lock().push(frame.as_str().to_owned());
        see(&tap, &["before"]);
        log.observe(Some(Arc::new(add)));
        see(&tap, &["a"]);
        tap.saw(FrameDirection::Written, &Frame::from("reply".to_owned()));
        log.read(1, 0, 1);
        log.leave(1);
        see(&tap, &["b"]);
        log.observe(None);
        see(&tap, &["after"]);
        assert_eq!(*seen.lock(), ["a", "b"]);
        assert_eq!(log.read(1, 0, 1).next, 0, "nothing was recorded");
    }

    #[test]
    fn counting_ends_too_when_nobody_reads_for_a_while() {
        let (log, tap) = log(10, 100 * ENTRY_BYTES);
        log.read(1, 0, 1);
        let end = log
            .recorded
            .lock()
            .lease
            .and_then(|end| end.checked_sub(2 * LEASE));
        log.recorded.lock().lease = end;
        log.counted_from
            .store(0, std::sync::atomic::Ordering::Relaxed);
        let frames = vec!["a"; usize::try_from(2 * COUNTED_AT_ONCE).unwrap()];
        see(&tap, &frames);
        assert!(texts(&log, 0, 1).1 <= COUNTED_AT_ONCE + 1);
    }
}
