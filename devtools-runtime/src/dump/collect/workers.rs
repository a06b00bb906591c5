//! The tasks that make the calls of a dump.
//!
//! As many run as calls may run at once. Each makes one call after the other, and takes the arguments of the next one itself, so
//! that calls which end at once cost no hand-over between threads. What they end with goes to the collector in batches;
//! a call that waits holds back none.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::dump::collect::call::{Ended, Job, Place, Role};

/// How many ended calls are handed over at once.
const BATCH: usize = 32;

/// How many bytes of them are.
const BATCH_BYTES: usize = 256 * 1024;

/// The calls of one function that are still to be made.
pub(super) struct Calls {
    pub(super) job: Job,
    /// Behind a lock that is held to take one.
    left: Mutex<Left>,
}

struct Left {
    calls: Box<dyn Iterator<Item = (Role, Result<String, String>)> + Send>,
    next: Place,
}

/// The arguments of a call, or why there are none.
type Input = (Place, Result<String, String>);

impl Calls {
    /// The calls of the function at `next`, which says where the first of them stands.
    pub(super) fn new(
        job: Job,
        calls: Box<dyn Iterator<Item = (Role, Result<String, String>)> + Send>,
        next: Place,
    ) -> Arc<Self> {
        Arc::new(Self {
            job,
            left: Mutex::new(Left { calls, next }),
        })
    }

    /// The next one.
    fn take(&self) -> Option<Input> {
        // The iterator catches panics of the user's.
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (role, input) = left.calls.next()?;
        let place = Place { role, ..left.next };
        left.next.order = place.order.saturating_add(1);
        Some((place, input))
    }
}

/// The tasks. Dropped, they end, with the calls that wait.
pub(super) struct Workers {
    tasks: JoinSet<()>,
    /// Whether one of them ended before its time: what it was about is lost.
    has_failed: bool,
    most: usize,
    sender: mpsc::Sender<Vec<Ended>>,
    ended: mpsc::Receiver<Vec<Ended>>,
}

impl Workers {
    /// As many as `most` at once.
    pub(super) fn new(most: usize) -> Self {
        let (sender, ended) = mpsc::channel(2);
        Self {
            tasks: JoinSet::new(),
            has_failed: false,
            most,
            sender,
            ended,
        }
    }

    /// Lets one more task make these calls, if there may be one more; `false` if none is left to be made.
    pub(super) fn begin(&mut self, calls: &Arc<Calls>) -> bool {
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

    /// Whether there may be one more task.
    pub(super) fn has_room(&mut self) -> bool {
        while let Some(joined) = self.tasks.try_join_next() {
            self.has_failed |= joined.is_err();
        }
        self.tasks.len() < self.most
    }

    /// Waits for calls to end; nothing if a task ended instead.
    pub(super) async fn next(&mut self) -> Vec<Ended> {
        tokio::select! {
            Some(ended) = self.ended.recv() => ended,
            Some(joined) = self.tasks.join_next() => {
                self.has_failed |= joined.is_err();
                Vec::new()
            }
            else => Vec::new(),
        }
    }

    /// Whether a call was lost. Panics of handlers are caught, so that this is no fault of the user's.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Waits for calls to end; `None` once all have.
    pub(super) async fn last(&mut self) -> Option<Vec<Ended>> {
        if let Ok(ended) = self.ended.try_recv() {
            return Some(ended);
        }
        if self.tasks.is_empty() {
            // A task may have ended after that look.
            return self.ended.try_recv().ok();
        }
        Some(self.next().await)
    }
}

/// Makes one call after the other until none is left.
async fn work(calls: &Calls, first: Input, sender: &mpsc::Sender<Vec<Ended>>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some((place, input)) = next {
        let ended = match input {
            Ok(arguments) => {
                let mut call = pin!(calls.job.call(place, arguments));
                match poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
                    Poll::Ready(ended) => ended,
                    Poll::Pending => {
                        flush(&mut batch, sender).await;
                        call.await
                    }
                }
            }
            Err(problem) => Ended::unusable(place, "[…]".to_owned(), problem),
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

async fn flush(batch: &mut Vec<Ended>, sender: &mpsc::Sender<Vec<Ended>>) {
    let ended = std::mem::take(batch);
    if !ended.is_empty() {
        // Nobody takes it any more: then nobody waits for this task either.
        let _ = sender.send(ended).await;
    }
}
