//! Whether a client's copy of a value is in step with the server's value, and when the server is asked for the whole value.

use std::time::Duration;

use tokio::time::Instant;

/// The number of failed attempts after which the server is asked again only when it has sent another change.
pub(super) const ATTEMPTS: u32 = 8;

/// The pause before the second question. The first question is asked at once, and the pause doubles with each further
/// one.
const FIRST: Duration = Duration::from_millis(20);

/// The longest pause between two questions. If no question was asked for this time, the next one is asked at once.
const LONGEST: Duration = Duration::from_secs(5);

/// Whether a client's copy of a value is in step with the server's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The copy is the server's value, unless a message is on its way.
    InStep,
    /// The copy may differ from the server's value, so the server must be asked for it. Changes that fit are applied.
    Doubtful,
    /// The server was asked for its value. Changes that arrive before the answer are left out.
    ///
    /// The answer holds them almost always, because the server sends it after the changes that it contains. A change that is
    /// made after the server has read the value may still come before the answer, so the copy is doubtful then.
    Asked {
        /// Whether a change was left out.
        left_out: bool,
    },
}

impl Standing {
    /// If the server was asked, notes a change that may come before or after the answer. Returns whether the server
    /// was asked.
    pub(super) fn note_left_out(&mut self) -> bool {
        match self {
            Self::Asked { left_out } => {
                *left_out = true;
                true
            }
            Self::InStep | Self::Doubtful => false,
        }
    }
}

/// The pauses between the questions for one value.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    last: Option<Instant>,
    next: Duration,
}

impl Pauses {
    /// Returns the pause before the next question, and counts that question.
    pub(super) fn next(&mut self, now: Instant) -> Duration {
        if self.last.is_none_or(|last| now >= last + LONGEST) {
            self.next = Duration::ZERO;
        }
        let pause = self.next;
        self.next = (pause * 2).clamp(FIRST, LONGEST);
        self.last = Some(now + pause);
        pause
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{LONGEST, Pauses};

    #[test]
    fn the_pauses_double_and_begin_again_after_a_quiet_time() {
        let (mut pauses, mut now) = (Pauses::default(), Instant::now());
        let mut next = |waited: Duration| {
            now += waited;
            let pause = pauses.next(now);
            now += pause;
            pause.as_millis()
        };
        let soon = Duration::from_millis(1);
        let expected = [0, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000];
        assert_eq!(expected.map(|_| next(soon)), expected);
        assert_eq!(next(LONGEST.saturating_sub(soon)), 5000);
        assert_eq!(next(LONGEST), 0);
        assert_eq!(next(soon), 20);
    }
}
