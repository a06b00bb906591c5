//! Waiting with the flush for frames that other tasks are about to queue.
//!
//! When several calls end at the same time, each of their tasks wakes the driver. A driver that flushed each time would ask the operating
//! system to send every frame alone. So the driver may let the tasks that are ready run first, and flush once for all of them. This pays only
//! if there are such tasks: after a wait that has gathered nothing, the next flushes are made at once.

/// The number of flushes that are made at once after a wait that has gathered nothing.
const AT_ONCE: u8 = 16;

/// The state of a driver that may wait with its flush.
#[derive(Debug, Default)]
pub(super) struct Gather {
    /// Whether this turn has written frames that other tasks have queued.
    has_written: bool,
    /// The number of such turns since the wait began. 0 if the driver does not wait.
    turns: u32,
    /// The number of flushes that are made at once before the next wait.
    at_once: u8,
}

/// The end of a turn of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfTurn {
    /// The driver flushes now.
    Flush,
    /// A wait begins: the driver asks to be woken when the tasks that are ready have run.
    BeginWait,
    /// The wait goes on.
    Wait,
}

impl Gather {
    /// Notes that this turn has written a frame that another task has queued.
    pub(super) fn note_written(&mut self) {
        self.has_written = true;
    }

    /// Ends a wait, because the driver flushes now.
    pub(super) fn note_flush(&mut self) {
        self.has_written = false;
        self.turns = 0;
    }

    /// Returns how a turn ends. `is_over` says that the tasks that were ready when the wait began have run.
    pub(super) fn end_turn(&mut self, is_over: bool) -> EndOfTurn {
        let has_written = std::mem::take(&mut self.has_written);
        if self.turns > 0 {
            self.turns = self.turns.saturating_add(has_written.into());
            if !is_over {
                return EndOfTurn::Wait;
            }
            self.at_once = if self.turns > 1 { 0 } else { AT_ONCE };
            self.turns = 0;
            return EndOfTurn::Flush;
        }
        if !has_written {
            return EndOfTurn::Flush;
        }
        if let Some(left) = self.at_once.checked_sub(1) {
            self.at_once = left;
            return EndOfTurn::Flush;
        }
        self.turns = 1;
        EndOfTurn::BeginWait
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, EndOfTurn, Gather};

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
