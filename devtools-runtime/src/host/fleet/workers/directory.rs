//! The workers that a gateway knows.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::function::{FunctionInfo, PluginState};
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::cancellations::Cancellations;
use crate::host::fleet::workers::offer::{OfferedFunction, Offers};
use crate::mutex::Mutex;

/// How long a function without a worker is kept.
const KEPT: Duration = Duration::from_secs(10);

/// The workers that a gateway knows, and the functions that it offers for them.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    workers: Mutex<Vec<Arc<Worker>>>,
    /// The functions that this process has registered for workers.
    functions: Mutex<HashMap<String, Forwarded>>,
    turn: AtomicUsize,
    pub(super) cancellations: Cancellations,
}

impl PluginState for Directory {}

/// A function that this process forwards.
#[derive(Debug, Clone)]
pub(crate) struct Forwarded {
    pub(crate) info: FunctionInfo,
    pub(crate) fingerprint: String,
    /// The time at which the last worker stopped offering it.
    pub(crate) unoffered_since: Option<Instant>,
}

/// A worker.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) process: String,
    /// The name that its program has given to it.
    pub(super) name: Option<String>,
    pub(crate) version: u64,
    /// Its functions, by name.
    pub(super) offers: HashMap<String, OfferedFunction>,
    /// Cancelled when the worker has ended.
    pub(crate) gone: CancellationToken,
    /// The calls of this process that it runs.
    pub(super) in_flight: Arc<AtomicUsize>,
}

/// A call that a worker runs. It is counted until this is dropped.
pub(crate) struct InFlight(Arc<Worker>);

impl Forwarded {
    pub(super) fn of(offer: &OfferedFunction) -> Self {
        Self {
            info: offer.info.clone(),
            fingerprint: offer.fingerprint.clone(),
            unoffered_since: None,
        }
    }
}

impl Worker {
    /// Returns whether the worker offers a function with these types.
    fn offers(&self, function: &str, fingerprint: &str) -> bool {
        let offered = self.offers.get(function);
        offered.is_some_and(|it| it.fingerprint == fingerprint)
    }
}

impl InFlight {
    pub(super) fn worker(&self) -> &Arc<Worker> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Directory {
    pub(crate) fn workers(&self) -> Vec<Arc<Worker>> {
        self.workers.lock().clone()
    }

    /// Chooses a worker for a call: of those that offer its function with its types and were not `tried`, the one that runs the fewest
    /// calls of this process. With `only`, no other process is chosen.
    pub(super) fn choose(
        &self,
        call: &WorkCall,
        only: Option<&str>,
        tried: &[Arc<Worker>],
    ) -> Option<InFlight> {
        let workers = self.workers.lock();
        // Workers that run equally many take turns.
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let begin = turn.checked_rem(workers.len())?;
        let (before, after) = workers.split_at(begin);
        let may_run = |it: &&Arc<Worker>| {
            only.is_none_or(|only| it.process == only)
                && it.offers(&call.function, &call.fingerprint)
                && !it.gone.is_cancelled()
                && !tried.iter().any(|tried| Arc::ptr_eq(tried, it))
        };
        let workers = after.iter().chain(before).filter(may_run);
        let chosen = workers.min_by_key(|it| it.in_flight.load(Ordering::Relaxed))?;
        // Counted under the lock, so that calls that are made at the same time spread.
        chosen.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(InFlight(Arc::clone(chosen)))
    }

    /// Stores the offers of a worker. The calls that it runs go on.
    pub(crate) fn update(&self, process: &str, offers: &Offers) {
        let mut workers = self.workers.lock();
        let before = take(&mut workers, process);
        let is_running = |it: &Arc<Worker>| it.in_flight.load(Ordering::Relaxed) > 0;
        let name = before.as_ref().map_or(&offers.name, |it| &it.name);
        match (&before, offers.functions.len()) {
            (None, 0) => {}
            (Some(_), 0) => tracing::info!(process, name, "a worker takes no more calls"),
            (_, functions) => tracing::info!(process, name, functions, "a worker takes calls"),
        }
        if offers.version == 0 && !before.as_ref().is_some_and(is_running) {
            return;
        }
        // A worker that drains is kept without functions while it runs calls, so that its end is noticed.
        let named = |it: &OfferedFunction| (it.info.name.clone(), it.clone());
        let (gone, in_flight) = before.map_or_else(Default::default, |it| {
            (it.gone.clone(), Arc::clone(&it.in_flight))
        });
        workers.push(Arc::new(Worker {
            process: process.to_owned(),
            name: offers.name.clone(),
            version: offers.version,
            offers: offers.functions.iter().map(named).collect(),
            gone,
            in_flight,
        }));
    }

    /// Removes a worker that has ended. Calls that it runs fail.
    pub(crate) fn remove(&self, process: &str) {
        if let Some(worker) = take(&mut self.workers.lock(), process) {
            let calls = worker.in_flight.load(Ordering::Relaxed);
            let name = worker.name.as_deref();
            // A worker that has drained offers nothing and runs nothing.
            if worker.offers.is_empty() && calls == 0 {
                tracing::info!(process, name, "a worker has ended");
            } else {
                tracing::warn!(process, name, calls, "a worker has ended while it worked");
            }
            worker.gone.cancel();
        }
    }

    /// Returns the description of a function that this process forwards.
    pub(crate) fn forwarded(&self, function: &str) -> Option<Forwarded> {
        self.functions.lock().get(function).cloned()
    }

    pub(crate) fn forward(&self, function: Forwarded) {
        let name = function.info.name.clone();
        self.functions.lock().insert(name, function);
    }

    /// Removes the functions that no worker has offered for a while, and returns their names.
    ///
    /// A function is kept meanwhile, because its workers may be back after a restart of the engine.
    pub(crate) fn unoffered(&self) -> Vec<String> {
        let mut functions = self.functions.lock();
        let workers = self.workers();
        for (name, it) in functions.iter_mut() {
            let is_offered = |worker: &Arc<Worker>| worker.offers(name, &it.fingerprint);
            if workers.iter().any(is_offered) {
                it.unoffered_since = None;
            } else if it.unoffered_since.is_none() {
                it.unoffered_since = Some(Instant::now());
            }
        }
        let is_gone = |it: &Forwarded| {
            it.unoffered_since
                .is_some_and(|since| since.elapsed() > KEPT)
        };
        let gone: Vec<String> = functions
            .iter()
            .filter(|(_, it)| is_gone(it))
            .map(|(name, _)| name.clone())
            .collect();
        functions.retain(|name, _| !gone.contains(name));
        gone
    }
}

/// Takes the worker of this process out of a list.
fn take(workers: &mut Vec<Arc<Worker>>, process: &str) -> Option<Arc<Worker>> {
    let position = workers.iter().position(|it| it.process == process)?;
    Some(workers.remove(position))
}
