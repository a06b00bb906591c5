//! A subscriber of `tracing` for one test.

use std::sync::LazyLock;

use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Subscriber};

/// A second subscriber, for as long as the program runs.
///
/// While a program has one subscriber, `tracing` asks only the thread that reaches an event first whether the event is
/// wanted, and keeps its answer for all threads. If that thread is one of another test, this one does not see the event.
/// With two subscribers `tracing` asks both.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// Sends the events and spans of this thread, where the whole of a test runs, to this subscriber, until the guard is dropped.
pub(crate) fn of_this_thread(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    LazyLock::force(&SECOND);
    tracing::subscriber::set_default(subscriber)
}
