//! The state of a process that works for others.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::function::PluginState;
use crate::host::fleet::workers::call::CallNumber;
use crate::host::fleet::workers::offer::Offers;
use crate::mutex::Mutex;
use crate::peer::Peer;

/// The time after which the other processes have noticed that this one takes no more calls. They ask at shorter intervals.
const NOTICED: Duration = Duration::from_secs(1);

/// The state of a process that works for others, or could.
#[derive(Debug, Default)]
pub(crate) struct Working {
    /// The offers while the process takes calls. `None` before it works, and once it drains.
    offers: Mutex<Option<Arc<Offers>>>,
    /// The time at which the process stopped taking calls.
    stopped: Mutex<Option<Instant>>,
    running: AtomicUsize,
    ended: Notify,
    /// The peer of all callers, which has no connection. A peer has several allocations, so calls share it.
    pub(super) nobody: OnceLock<Peer>,
    /// The calls that their gateways may cancel. A call is cancelled by dropping its sender.
    cancellable: Mutex<HashMap<CallNumber, oneshot::Sender<()>>>,
}

impl PluginState for Working {}

/// The answer of a worker to a call. The body of [`Replied`](Self::Replied) is the frame with the reply.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum WorkAnswer {
    Replied,
    /// The call was not run, because the worker runs its maximum number of calls.
    Busy,
    /// The call was not run: the process does not offer the function (any more), or offers it with other types.
    NotOffered,
    /// The gateway has cancelled the call.
    Cancelled,
}

/// A guard that counts a running call until it is dropped.
pub(crate) struct WorkingCall<'w>(&'w Working);

/// A guard of a process that takes calls. The process itself counts as a running call meanwhile.
pub(crate) struct AtWork<'w>(WorkingCall<'w>);

impl Working {
    /// Takes calls until the returned value is dropped.
    pub(crate) fn begin(&self, offers: Offers) -> AtWork<'_> {
        *self.offers.lock() = Some(Arc::new(offers));
        self.running.fetch_add(1, Ordering::SeqCst);
        AtWork(WorkingCall(self))
    }

    pub(crate) fn offers(&self) -> Option<Arc<Offers>> {
        self.offers.lock().clone()
    }

    /// Adds a call that may be cancelled. It is cancelled when `cancel` is dropped.
    pub(super) fn add(&self, number: CallNumber, cancel: oneshot::Sender<()>) {
        self.cancellable.lock().insert(number, cancel);
    }

    /// Cancels a call, if it still runs.
    pub(crate) fn cancel(&self, number: CallNumber) {
        self.cancellable.lock().remove(&number);
    }

    /// Begins a call, if the function is offered and fewer than `limit` calls run.
    pub(crate) fn take(
        &self,
        function: &str,
        fingerprint: &str,
        limit: usize,
    ) -> Result<WorkingCall<'_>, WorkAnswer> {
        // Counted before the check, so that a drain that begins meanwhile waits for this call.
        let running = self.running.fetch_add(1, Ordering::SeqCst);
        let call = WorkingCall(self);
        let is_offered = self.offers().is_some_and(|offers| {
            let mut functions = offers.functions.iter();
            functions.any(|it| it.info.name == function && it.fingerprint == fingerprint)
        });
        if !is_offered {
            return Err(WorkAnswer::NotOffered);
        }
        // The process itself counts as one while it works.
        if running > limit {
            return Err(WorkAnswer::Busy);
        }
        Ok(call)
    }

    /// Takes no more calls.
    fn stop(&self) {
        if self.offers.lock().take().is_some() {
            *self.stopped.lock() = Some(Instant::now());
        }
    }

    /// Waits until the other processes have noticed that this one takes no more calls. Returns at once if it did not take any.
    pub(crate) async fn noticed(&self) {
        let stopped = *self.stopped.lock();
        if let Some(stopped) = stopped {
            tokio::time::sleep_until(stopped + NOTICED).await;
        }
    }

    /// Waits until the process does not work any more and no call runs.
    pub(crate) async fn idle(&self) {
        loop {
            // Registered before the check, so that an end between the two is not missed.
            let ended = self.ended.notified();
            if self.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl AtWork<'_> {
    /// Takes no more calls, and waits until the other processes have noticed it.
    pub(crate) async fn drain(self) {
        self.0.0.stop();
        self.0.0.noticed().await;
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.0.stop();
    }
}

impl Drop for WorkingCall<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.notify_waiters();
    }
}
