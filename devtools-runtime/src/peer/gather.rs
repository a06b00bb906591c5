//! Waiting with the flush for frames that other tasks are about to queue.
//!
//! When several calls end at the same time, each of their tasks wakes the driver. A driver that flushed each time would
//! ask the operating system to send every frame alone. So the driver may let the tasks that are ready run first, and
//! flush once for all of them. This pays only if there are such tasks: after a wait that has gathered nothing, the next
//! flushes are made at once.
//!
//! The same holds for a task that writes many chunks of a stream without a pause: it lets the driver run now and then,
//! and soon writes more. Such chunks wait a little longer than replies, unless other tasks run for long.

use std::time::Duration;

use tokio::time::Instant;

/// The number of flushes that are made at once after a wait that has gathered nothing.
const AT_ONCE: u8 = 16;

/// How often the ready tasks run in a wait for chunks. A task that has let others run is woken after the driver.
const CHUNK_PASSES: u8 = 2;

/// The longest wait for chunks that is repeated. After a longer one, the next flushes are made at once.
const LONGEST: Duration = Duration::from_millis(1);

/// The state of a driver that may wait with its flush.
#[derive(Debug, Default)]
pub(super) struct Gather {
    /// Whether this turn has written frames that other tasks have queued.
    has_written: bool,
    /// Whether this turn has written many chunks.
    has_chunks: bool,
    /// The wait, if the driver waits.
    wait: Option<Wait>,
    /// The number of flushes that are made at once before the next wait.
    at_once: u8,
}

/// A wait with the flush.
#[derive(Debug)]
struct Wait {
    /// Whether a frame was written during the wait.
    has_gathered: bool,
    /// The number of times that the ready tasks run before the wait ends.
    passes: u8,
    /// The time at which the wait began, if only chunks wait for the flush.
    for_chunks_since: Option<Instant>,
}

/// The end of a turn of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfTurn {
    /// The driver flushes now.
    Flush,
    /// The driver waits, and asks to be woken when the tasks that are ready have run.
    BeginWait,
    /// The wait goes on.
    Wait,
}

impl Gather {
    /// Notes that this turn has written a frame that another task has queued.
    pub(super) fn note_written(&mut self) {
        self.has_written = true;
    }

    /// Notes that this turn has written many chunks.
    pub(super) fn note_chunks(&mut self) {
        self.has_chunks = true;
    }

    /// Returns whether the driver waits, and nothing but chunks does.
    pub(super) fn waits_for_chunks(&self) -> bool {
        let wait = self.wait.as_ref();
        wait.is_some_and(|wait| wait.for_chunks_since.is_some())
    }

    /// Ends a wait, because the driver flushes now.
    pub(super) fn note_flush(&mut self) {
        self.has_written = false;
        self.has_chunks = false;
        self.wait = None;
    }

    /// Returns how a turn ends. `is_over` says that the tasks that were ready at the last [`BeginWait`](EndOfTurn::BeginWait) have run.
    pub(super) fn end_turn(&mut self, is_over: bool) -> EndOfTurn {
        let has_frames = std::mem::take(&mut self.has_written);
        let has_written = std::mem::take(&mut self.has_chunks) || has_frames;
        if let Some(wait) = &mut self.wait {
            wait.has_gathered |= has_written;
            if has_frames {
                wait.for_chunks_since = None;
                wait.passes = 1;
            }
            if !is_over {
                return EndOfTurn::Wait;
            }
            wait.passes -= 1;
            if wait.passes > 0 {
                return EndOfTurn::BeginWait;
            }
            let since = wait.for_chunks_since;
            let is_long = since.is_some_and(|since| since.elapsed() > LONGEST);
            let is_repeated = wait.has_gathered && !is_long;
            self.at_once = if is_repeated { 0 } else { AT_ONCE };
            self.wait = None;
            return EndOfTurn::Flush;
        }
        if !has_written {
            return EndOfTurn::Flush;
        }
        if let Some(left) = self.at_once.checked_sub(1) {
            self.at_once = left;
            return EndOfTurn::Flush;
        }
        self.wait = Some(Wait {
            has_gathered: false,
            passes: if has_frames { 1 } else { CHUNK_PASSES },
            for_chunks_since: (!has_frames).then(Instant::now),
        });
        EndOfTurn::BeginWait
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, CHUNK_PASSES, EndOfTurn, Gather, LONGEST};

    fn end(gather: &mut Gather, has_written: bool, is_over: bool) -> EndOfTurn {
        if has_written {
            gather.note_written();
        }
        gather.end_turn(is_over)
    }

    #[test]
    fn a_wait_ends_when_the_other_tasks_have_run() {
        let gather = &mut Gather::default();
        for _ in 0..3 {
            assert_eq!(end(gather, true, false), EndOfTurn::BeginWait);
            assert_eq!(end(gather, false, false), EndOfTurn::Wait);
            assert_eq!(end(gather, true, false), EndOfTurn::Wait);
            assert_eq!(end(gather, false, true), EndOfTurn::Flush);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_wait_for_chunks_is_not_repeated_soon() {
        let gather = &mut Gather::default();
        gather.note_chunks();
        assert_eq!(end(gather, false, false), EndOfTurn::BeginWait);
        for _ in 1..CHUNK_PASSES {
            gather.note_chunks();
            assert_eq!(end(gather, false, true), EndOfTurn::BeginWait);
        }
        tokio::time::advance(2 * LONGEST).await;
        assert_eq!(end(gather, false, true), EndOfTurn::Flush);
        for _ in 0..AT_ONCE {
            gather.note_chunks();
            assert_eq!(end(gather, false, false), EndOfTurn::Flush);
        }
        gather.note_chunks();
        assert_eq!(end(gather, false, false), EndOfTurn::BeginWait);
    }

    #[test]
    fn chunks_wait_longer_and_a_frame_among_them_does_not() {
        let gather = &mut Gather::default();
        gather.note_chunks();
        assert_eq!(end(gather, false, false), EndOfTurn::BeginWait);
        for _ in 1..CHUNK_PASSES {
            gather.note_chunks();
            assert_eq!(end(gather, false, false), EndOfTurn::Wait);
            assert_eq!(end(gather, false, true), EndOfTurn::BeginWait);
        }
        assert!(gather.waits_for_chunks());
        assert_eq!(end(gather, false, true), EndOfTurn::Flush);

        gather.note_chunks();
        assert_eq!(end(gather, false, false), EndOfTurn::BeginWait);
        assert_eq!(end(gather, true, false), EndOfTurn::Wait);
        assert!(!gather.waits_for_chunks());
        assert_eq!(end(gather, false, true), EndOfTurn::Flush);
    }

    #[test]
    fn a_flush_of_the_driver_ends_the_wait_and_says_nothing_of_the_next_one() {
        let gather = &mut Gather::default();
        assert_eq!(end(gather, true, false), EndOfTurn::BeginWait);
        gather.note_written();
        gather.note_flush();
        // Neither the frame before the flush nor the wait goes on.
        assert_eq!(end(gather, false, false), EndOfTurn::Flush);
        assert_eq!(end(gather, true, false), EndOfTurn::BeginWait);
    }

    #[test]
    fn a_turn_without_frames_of_other_tasks_flushes() {
        assert_eq!(end(&mut Gather::default(), false, false), EndOfTurn::Flush);
    }

    #[test]
    fn a_wait_for_nothing_is_not_repeated_soon() {
        let gather = &mut Gather::default();
        assert_eq!(end(gather, true, false), EndOfTurn::BeginWait);
        assert_eq!(end(gather, false, true), EndOfTurn::Flush);
        for _ in 0..AT_ONCE {
            assert_eq!(end(gather, true, false), EndOfTurn::Flush);
        }
        assert_eq!(end(gather, true, false), EndOfTurn::BeginWait);
    }
}
