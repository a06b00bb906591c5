//! Threads for work that blocks: files, tokens, and functions with `blocking`.
//!
//! tokio gives each runtime one pool of such threads, for everything that runs on it. That has two consequences that a
//! server cannot accept. Work of one kind that hangs or floods the pool stops all other kinds, and a runtime that is
//! dropped waits for work that has begun, however long it takes. So each [`ThreadPool`] has threads of its own, bounded in
//! number, and the process does not wait for them when it ends.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;

/// The largest number of threads for `blocking` functions that the program calls itself: the same as tokio gives a runtime.
const OWN_CALLS: usize = 512;

/// The largest number of threads for the runtime's own small files.
const STORE: usize = 4;

/// The threads for calls that the program makes itself, in all contexts.
///
/// They are not counted against a limit of the context: a function that blocks until another one has ended would
/// otherwise wait for a permit that it holds itself.
static OWN: Threads = Threads::new("devtools-own", OWN_CALLS);

/// The threads for tokens and settings, in all contexts. Nothing else runs there, so that a sign-in never waits behind
/// hosted files or calls.
static STORED: Threads = Threads::new("devtools-store", STORE);

/// Runs work that reads or writes the runtime's own small files.
pub(crate) async fn store<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    STORED.run(work).await
}

/// Runs a `blocking` function: in the session's share, or on the threads of the program's own calls.
pub(crate) async fn call<T: Send + 'static>(
    share: Option<SessionShare>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    match share {
        Some(share) => share.run(work).await,
        None => OWN.run(work).await,
    }
}

/// A bounded number of threads, which the end of the process does not wait for.
struct Threads {
    name: &'static str,
    most: usize,
    /// A runtime of which only the threads for blocking work are used. `None` if it could not be created.
    runtime: OnceLock<Option<Runtime>>,
}

impl Threads {
    const fn new(name: &'static str, most: usize) -> Self {
        Self {
            name,
            most,
            runtime: OnceLock::new(),
        }
    }

    /// Runs `work` on one of the threads, within the runtime of the caller.
    ///
    /// Work whose future is dropped before it has begun does not run. Work that has begun cannot be stopped.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let caller = Handle::try_current().ok();
        let work = move || {
            // The work may use the handle of the runtime that its program runs on.
            let _entered = caller.as_ref().map(Handle::enter);
            work()
        };
        let task = match self.runtime() {
            Some(runtime) => runtime.spawn_blocking(work),
            None => tokio::task::spawn_blocking(work),
        };
        AbortOnDropHandle::new(task).await
    }

    fn runtime(&self) -> Option<&Runtime> {
        let make = || {
            let mut builder = Builder::new_current_thread();
            builder.thread_name(self.name);
            builder.max_blocking_threads(self.most.max(1));
            builder
                .build()
                .inspect_err(
                    |error| tracing::warn!(%error, "blocking work has no threads of its own"),
                )
                .ok()
        };
        self.runtime.get_or_init(make).as_ref()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take().flatten() {
            runtime.shutdown_background();
        }
    }
}

/// Threads for one kind of work, with a permit for each of them.
pub(crate) struct ThreadPool {
    threads: Threads,
    permits: Arc<Semaphore>,
    most: usize,
}

impl ThreadPool {
    /// Makes a pool on which at most `most` pieces of work run at once.
    pub(crate) fn new(name: &'static str, most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            threads: Threads::new(name, most),
            permits: Arc::new(Semaphore::new(most)),
            most,
        }
    }

    /// Runs work once it has a permit. Permits are given in the order of the requests.
    ///
    /// # Cancel safety
    ///
    /// Work that waits for a permit does not run if the future is dropped. Work that runs keeps its permit until it
    /// has ended.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        let work = move || {
            let _permit = permit;
            work()
        };
        self.threads.run(work).await
    }
}

crate::debug_impl! { ThreadPool as it { name: it.threads.name, most, free: it.permits.available_permits() } }

/// The part of a pool that one session may use at once: half of it, and at least one permit.
///
/// The other half stays free for other sessions, whatever one session requests. Its further calls wait in its own queue, so
/// the queue of the pool holds at most the session's share of them.
#[derive(Debug, Clone)]
pub struct SessionShare {
    pool: Arc<ThreadPool>,
    permits: Arc<Semaphore>,
}

impl SessionShare {
    pub(crate) fn of(pool: &Arc<ThreadPool>) -> Self {
        let half = NonZeroUsize::new(pool.most / 2).map_or(1, NonZeroUsize::get);
        Self {
            pool: Arc::clone(pool),
            permits: Arc::new(Semaphore::new(half)),
        }
    }

    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The semaphore is never closed.
        let permit = self.permits.acquire_owned().await.ok();
        let work = move || {
            let _permit = permit;
            work()
        };
        self.pool.run(work).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    use super::{SessionShare, ThreadPool, Threads};

    const LIMIT: Duration = Duration::from_secs(60);

    /// Waits until `permits` of the pool are free.
    async fn until_free(pool: &ThreadPool, permits: usize) {
        let free = async {
            while pool.permits.available_permits() != permits {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, free).await.unwrap();
    }

    #[tokio::test]
    async fn a_session_that_floods_leaves_half_of_the_lane_to_others() {
        let pool = Arc::new(ThreadPool::new("test", 4));
        let (greedy, modest) = (SessionShare::of(&pool), SessionShare::of(&pool));
        let (release, blocked) = mpsc::channel::<()>();
        let blocked = Arc::new(std::sync::Mutex::new(blocked));
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..1000 {
            let (greedy, blocked) = (greedy.clone(), Arc::clone(&blocked));
            // Each piece of work waits until the sender is dropped.
            calls.spawn(greedy.run(move || blocked.lock().unwrap().recv().is_err()));
        }
        until_free(&pool, 2).await;
        let answered = tokio::time::timeout(LIMIT, modest.run(|| 7)).await;
        assert_eq!(answered.unwrap().unwrap(), 7);
        drop(release);
        assert_eq!(calls.join_all().await.len(), 1000);
        until_free(&pool, 4).await;
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_in_the_queue_does_not_run() {
        let pool = ThreadPool::new("test", 1);
        let barrier = Arc::new(Barrier::new(2));
        let held = Arc::clone(&barrier);
        let (started, start) = tokio::sync::oneshot::channel();
        let first = pool.run(move || {
            started.send(()).unwrap();
            held.wait();
        });
        let rest = async {
            start.await.unwrap();
            let (sender, ran) = mpsc::channel::<()>();
            let second = pool.run(move || sender.send(()).unwrap());
            let given_up = tokio::time::timeout(Duration::ZERO, second).await;
            assert!(given_up.is_err());
            barrier.wait();
            // The sender is dropped together with the work.
            assert!(ran.recv().is_err());
        };
        let (first, ()) = tokio::join!(first, rest);
        first.unwrap();
    }

    #[tokio::test]
    async fn a_panic_gives_its_permit_back() {
        let pool = ThreadPool::new("test", 1);
        for _ in 0..3 {
            let ended = pool.run(|| panic!("on purpose")).await;
            assert!(ended.unwrap_err().is_panic());
        }
        assert_eq!(pool.permits.available_permits(), 1);
    }

    #[test]
    fn a_runtime_does_not_wait_for_work_that_hangs() {
        let threads = Threads::new("test", 1);
        let (release, hangs) = mpsc::channel::<()>();
        let (started, start) = tokio::sync::oneshot::channel();
        let (ended, end) = mpsc::channel();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let work = threads.run(move || {
                started.send(()).unwrap();
                assert!(hangs.recv().is_err());
                ended.send(()).unwrap();
            });
            tokio::select! {
                _ = work => panic!("it hangs"),
                received = start => received.unwrap(),
            }
        });
        // Each of these would never return if it waited for the work.
        drop(runtime);
        drop(threads);
        assert!(end.try_recv().is_err());
        drop(release);
        end.recv_timeout(LIMIT).unwrap();
    }

    #[tokio::test]
    async fn work_runs_within_the_runtime_of_its_caller() {
        let threads = Threads::new("test", 1);
        let work = || {
            tokio::runtime::Handle::current().block_on(async { tokio::spawn(async { 3 }).await })
        };
        assert_eq!(threads.run(work).await.unwrap().unwrap(), 3);
    }
}
