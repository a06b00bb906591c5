//! The calls that a mock has received.

use std::fmt::Write as _;

use tokio::sync::watch;

use crate::dump::read::shown;
use crate::mutex::Mutex;
use crate::wire::js::Value;

/// The most unexpected calls that a report lists. Further ones are counted.
const MOST_UNEXPECTED: usize = 100;

/// The expectations of one function, without its types.
pub(super) trait Expected: Send + Sync {
    fn progress(&self) -> Vec<ExpectationProgress>;
}

/// The progress of an expectation.
pub(super) struct ExpectationProgress {
    /// The call, for people.
    pub(super) call: String,
    pub(super) expected: String,
    pub(super) calls: usize,
    pub(super) is_met: bool,
}

/// The unexpected calls, and a signal for each expected call.
pub(super) struct TestCalls {
    unexpected: Mutex<Unexpected>,
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct Unexpected {
    listed: Vec<String>,
    more: usize,
}

impl TestCalls {
    pub(super) fn new() -> Self {
        Self {
            unexpected: Mutex::default(),
            changes: watch::Sender::new(()),
        }
    }

    /// Returns a receiver that is notified of each expected call.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Adds the unexpected calls to a report.
    pub(super) fn report(&self, report: &mut String) {
        let unexpected = self.unexpected.lock();
        for call in &unexpected.listed {
            let _ = write!(report, "\n  unexpected: {call}");
        }
        if unexpected.more > 0 {
            let _ = write!(report, "\n  unexpected: {} more calls", unexpected.more);
        }
    }

    pub(super) fn changed(&self) {
        self.changes.send_replace(());
    }

    pub(super) fn unexpected(&self, name: &str, arguments: Vec<Value>, reason: String) {
        let mut unexpected = self.unexpected.lock();
        if unexpected.listed.len() < MOST_UNEXPECTED {
            let call = format!("`{name}` with {}: {reason}", shown(&arguments));
            unexpected.listed.push(call);
        } else {
            unexpected.more += 1;
        }
    }
}
