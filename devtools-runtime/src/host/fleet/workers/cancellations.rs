//! The cancellations that a gateway sends to workers.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::host::backplane::Backplane;
use crate::host::fleet::request::{ProcessRequest, message, subject_of};
use crate::host::fleet::workers::call::CallNumber;
use crate::mutex::Mutex;

/// The number of cancellations that may wait to be sent. Further ones are dropped: those calls run until their deadline.
const QUEUED: usize = 16 * 1024;

/// The number of cancellations in one message.
const TOGETHER: usize = 1024;

/// The number of messages whose answer is awaited at the same time.
const AT_ONCE: usize = 64;

/// How long such an answer is awaited.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The cancellations that wait to be sent, and the numbers of the calls.
#[derive(Debug)]
pub(super) struct Cancellations {
    gateway: u64,
    last_call: AtomicU64,
    queue: mpsc::Sender<CancelledCall>,
    /// The receiving end of the queue. `None` once a task that sends cancellations has taken it.
    queued: Mutex<Option<mpsc::Receiver<CancelledCall>>>,
}

/// A call of a worker that nobody waits for any more.
#[derive(Debug)]
struct CancelledCall {
    process: String,
    number: CallNumber,
}

impl Default for Cancellations {
    fn default() -> Self {
        let (queue, queued) = mpsc::channel(QUEUED);
        Self {
            // Each `RandomState` has other keys, which are random for the process.
            gateway: RandomState::new().build_hasher().finish(),
            last_call: AtomicU64::new(0),
            queue,
            queued: Mutex::new(Some(queued)),
        }
    }
}

impl Cancellations {
    fn next_number(&self) -> CallNumber {
        CallNumber {
            gateway: self.gateway,
            call: self.last_call.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }

    /// Returns a guard for a new call of `process`. Dropping the guard cancels the call, unless [`CancelOnDrop::end`]
    /// was called.
    pub(super) fn guard<'a>(&'a self, process: &'a str) -> CancelOnDrop<'a> {
        CancelOnDrop {
            cancellations: self,
            process,
            number: self.next_number(),
            has_ended: false,
        }
    }
}

/// Cancels a call on its worker when this is dropped, unless the call has ended.
pub(super) struct CancelOnDrop<'a> {
    cancellations: &'a Cancellations,
    process: &'a str,
    pub(super) number: CallNumber,
    has_ended: bool,
}

impl CancelOnDrop<'_> {
    /// Notes that the worker has answered.
    pub(super) fn end(mut self) {
        self.has_ended = true;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            let cancellation = CancelledCall {
                process: self.process.to_owned(),
                number: self.number,
            };
            if self.cancellations.queue.try_send(cancellation).is_err() {
                tracing::debug!("a call of a worker is not cancelled: it runs until its deadline");
            }
        }
    }
}

/// Sends cancellations until the future is dropped. Does nothing if this was called before.
pub(super) async fn send(cancellations: &Cancellations, backplane: &dyn Backplane) {
    let Some(mut queued) = cancellations.queued.lock().take() else {
        return;
    };
    let mut sent = JoinSet::new();
    let mut waiting = Vec::new();
    while queued.recv_many(&mut waiting, TOGETHER).await > 0 {
        let mut numbers = HashMap::<String, Vec<CallNumber>>::new();
        for CancelledCall { process, number } in waiting.drain(..) {
            numbers.entry(process).or_default().push(number);
        }
        for (process, numbers) in numbers {
            while sent.try_join_next().is_some() {}
            if sent.len() >= AT_ONCE {
                sent.join_next().await;
            }
            let request = message(&ProcessRequest::Cancel(numbers));
            // A cancellation is not sent again: if a worker does not answer, it has ended, or its calls end at their
            // deadlines.
            sent.spawn(backplane.request(&subject_of(&process), request, ANSWER_TIMEOUT));
        }
    }
}
