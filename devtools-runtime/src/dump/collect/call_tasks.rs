//! The tasks that make the calls of a dump.
//!
//! The number of tasks is the number of calls that may run at once. Each makes one call after the other and takes the
//! arguments of the next one itself, so that a call which ends at once is not handed over between threads. The
//! results go to the collector in batches. A task sends its batch before it waits for a call, so a slow call delays
//! no results.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::dump::collect::call::{CallPosition, CallResult, Job, Purpose};
use crate::mutex::Mutex;

/// The number of results in a batch.
const BATCH: usize = 32;

/// The size in bytes at which a batch of results is sent.
const BATCH_BYTES: usize = 256 * 1024;

/// The calls of one function that have not begun yet.
pub(super) struct RemainingCalls {
    pub(super) job: Job,
    /// The lock is held while one call is taken.
    remaining: Mutex<Remaining>,
}

struct Remaining {
    calls: Box<dyn Iterator<Item = (Purpose, Result<String, String>)> + Send>,
    next: CallPosition,
}

/// The position of a call, and its arguments or the error of reading them.
type Input = (CallPosition, Result<String, String>);

impl RemainingCalls {
    /// Creates the list of calls. `next` is the position of the first one.
    pub(super) fn new(
        job: Job,
        calls: Box<dyn Iterator<Item = (Purpose, Result<String, String>)> + Send>,
        next: CallPosition,
    ) -> Arc<Self> {
        Arc::new(Self {
            job,
            remaining: Mutex::new(Remaining { calls, next }),
        })
    }

    /// Takes the next call.
    fn take(&self) -> Option<Input> {
        // The iterator catches panics of the user's code.
        let mut remaining = self.remaining.lock();
        let (purpose, input) = remaining.calls.next()?;
        let position = CallPosition {
            purpose,
            ..remaining.next
        };
        remaining.next.order = position.order.saturating_add(1);
        Some((position, input))
    }
}

/// The tasks that make calls. Dropping them aborts the tasks and their calls.
pub(super) struct CallTasks {
    tasks: JoinSet<()>,
    /// Whether a task ended too early, so that results are lost.
    has_failed: bool,
    limit: usize,
    sender: mpsc::Sender<Vec<CallResult>>,
    ended: mpsc::Receiver<Vec<CallResult>>,
}

impl CallTasks {
    /// Creates a set of at most `limit` tasks.
    pub(super) fn new(limit: usize) -> Self {
        let (sender, ended) = mpsc::channel(2);
        Self {
            tasks: JoinSet::new(),
            has_failed: false,
            limit,
            sender,
            ended,
        }
    }

    /// Starts one more task for these calls if there is room for one. Returns `false` if no call is left.
    pub(super) fn begin(&mut self, calls: &Arc<RemainingCalls>) -> bool {
        if !self.has_room() {
            return true;
        }
        let Some(first) = calls.take() else {
            return false;
        };
        let (calls, sender) = (Arc::clone(calls), self.sender.clone());
        self.tasks
            .spawn(async move { work(&calls, first, &sender).await });
        true
    }

    /// Returns `true` if one more task may run.
    pub(super) fn has_room(&mut self) -> bool {
        while let Some(joined) = self.tasks.try_join_next() {
            self.has_failed |= joined.is_err();
        }
        self.tasks.len() < self.limit
    }

    /// Waits for results. Returns an empty list if a task ended instead.
    pub(super) async fn next(&mut self) -> Vec<CallResult> {
        tokio::select! {
            Some(ended) = self.ended.recv() => ended,
            Some(joined) = self.tasks.join_next() => {
                self.has_failed |= joined.is_err();
                Vec::new()
            }
            else => Vec::new(),
        }
    }

    /// Returns `true` if results were lost. Panics of handlers are caught, so this is not an error of the user's.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Waits for the remaining results. Returns `None` once there are no more.
    pub(super) async fn last(&mut self) -> Option<Vec<CallResult>> {
        if let Ok(ended) = self.ended.try_recv() {
            return Some(ended);
        }
        if self.tasks.is_empty() {
            // A task may have sent results and ended since the first check.
            return self.ended.try_recv().ok();
        }
        Some(self.next().await)
    }
}

/// Makes one call after the other until none is left.
async fn work(calls: &RemainingCalls, first: Input, sender: &mpsc::Sender<Vec<CallResult>>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some((position, input)) = next {
        let ended = match input {
            Ok(arguments) => {
                let mut call = pin!(calls.job.call(position, arguments));
                match poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
                    Poll::Ready(ended) => ended,
                    Poll::Pending => {
                        flush(&mut batch, sender).await;
                        call.await
                    }
                }
            }
            Err(problem) => CallResult::unusable(position, "[…]".to_owned(), problem),
        };
        bytes += ended.bytes();
        batch.push(ended);
        if batch.len() >= BATCH || bytes >= BATCH_BYTES {
            flush(&mut batch, sender).await;
            bytes = 0;
        }
        next = calls.take();
    }
    flush(&mut batch, sender).await;
}

async fn flush(batch: &mut Vec<CallResult>, sender: &mpsc::Sender<Vec<CallResult>>) {
    let ended = std::mem::take(batch);
    if !ended.is_empty() {
        // The receiver is gone only if the build has ended, and then nobody needs the results.
        let _ = sender.send(ended).await;
    }
}
