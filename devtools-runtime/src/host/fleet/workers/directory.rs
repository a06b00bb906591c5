//! The workers that a gateway knows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::function::{FunctionInfo, PluginState};
use crate::host::fleet::workers::offer::Offers;
use crate::mutex::Mutex;

/// How long a function without a worker is kept.
const KEPT: Duration = Duration::from_secs(10);

/// The workers that a gateway knows, and the functions that it offers for them.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    workers: Mutex<BTreeMap<String, Arc<Worker>>>,
    /// The functions that this process has registered for workers.
    functions: Mutex<HashMap<String, Forwarded>>,
    turn: AtomicUsize,
}

impl PluginState for Directory {}

/// A function that this process forwards.
#[derive(Debug, Clone)]
pub(crate) struct Forwarded {
    pub(crate) info: FunctionInfo,
    pub(crate) fingerprint: String,
    /// The time since when no worker offers it.
    pub(crate) unoffered_since: Option<Instant>,
}

/// A worker.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) process: String,
    pub(crate) version: u64,
    /// The fingerprints of its functions, by name.
    pub(crate) offers: HashMap<String, String>,
    /// Cancelled when the worker has ended.
    pub(crate) gone: CancellationToken,
    /// The calls of this process that it runs.
    in_flight: AtomicUsize,
}

/// A call that a worker runs. It is counted until this is dropped.
pub(crate) struct InFlight(Arc<Worker>);

impl Worker {
    pub(crate) fn call(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Directory {
    pub(crate) fn workers(&self) -> Vec<Arc<Worker>> {
        self.workers.lock().values().cloned().collect()
    }

    /// Returns the workers that offer a function with these types: first those that run the fewest calls of this process.
    pub(crate) fn offering(&self, function: &str, fingerprint: &str) -> Vec<Arc<Worker>> {
        let mut workers = self.workers();
        workers.retain(|it| {
            let offered = it.offers.get(function);
            offered.is_some_and(|it| it == fingerprint) && !it.gone.is_cancelled()
        });
        if !workers.is_empty() {
            // Workers that run equally many take turns.
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % workers.len();
            workers.rotate_left(turn);
        }
        workers.sort_by_key(|it| it.in_flight.load(Ordering::Relaxed));
        workers
    }

    /// Stores the offers of a worker. The calls that it runs go on.
    pub(crate) fn update(&self, process: &str, offers: &Offers) {
        let mut workers = self.workers.lock();
        let before = workers.remove(process);
        if offers.version == 0 {
            return; // It drains. Its calls go on, and it is asked about its end no more: they have their deadlines.
        }
        let fingerprint = |it: &super::offer::Offer| (it.info.name.clone(), it.fingerprint.clone());
        let worker = Arc::new(Worker {
            process: process.to_owned(),
            version: offers.version,
            offers: offers.functions.iter().map(fingerprint).collect(),
            gone: before.map_or_else(CancellationToken::new, |it| it.gone.clone()),
            in_flight: AtomicUsize::new(0),
        });
        workers.insert(process.to_owned(), worker);
    }

    /// Removes a worker that has ended. Calls that it runs fail.
    pub(crate) fn remove(&self, process: &str) {
        if let Some(worker) = self.workers.lock().remove(process) {
            tracing::warn!(process, "a worker has ended");
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
            let is_offered = |worker: &Arc<Worker>| {
                let offered = worker.offers.get(name);
                offered.is_some_and(|fingerprint| *fingerprint == it.fingerprint)
            };
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
