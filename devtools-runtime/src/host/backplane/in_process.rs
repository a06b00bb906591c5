//! The backplane inside one process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;

use crate::host::backplane::appended::Appended;
use crate::host::backplane::error::BackplaneError;
use crate::host::backplane::link::{Backplane, Later, LogReader, Registration, Responder};
use crate::host::backplane::message::Message;
use crate::host::backplane::store::{Replaced, StoreReader};
use crate::host::backplane::stores::BusStores;
use crate::mutex::Mutex;

/// The backplane of a program in one process, which is the default.
///
/// Several [`DevTools`](crate::DevTools) of one process behave as one program if each has a [link](Self::link) to the same one:
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::backplane::InProcess;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = InProcess::new();
/// let first = DevTools::builder().without_collected().backplane(bus.link()).build().await?;
/// let second = DevTools::builder().without_collected().backplane(bus).build().await?;
/// let client = second.client();
/// let sessions = first.context().rpc().fleet_sessions().await?;
/// assert_eq!(sessions.len(), 1);
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub struct InProcess {
    bus: Arc<Bus>,
    process: String,
}

/// The parts that all links share.
#[derive(Default)]
struct Bus {
    /// The number of links. It is changed only while `names` is locked, and read without the lock.
    links: AtomicUsize,
    /// The names of the links that have not left.
    names: Mutex<Vec<String>>,
    last_name: AtomicUsize,
    /// The lists are replaced and never changed, so no lock is held while a reader or a responder runs.
    readers: Mutex<Arc<Vec<ReceiverEntry<dyn LogReader>>>>,
    responders: Mutex<Arc<Vec<ReceiverEntry<dyn Responder>>>>,
    /// The number of requests so far. The responders of a group take turns.
    turn: AtomicUsize,
    stores: BusStores,
}

/// A reader of a log or a responder of a subject.
struct ReceiverEntry<T: ?Sized> {
    /// The log or the subject.
    name: String,
    process: String,
    receiver: Arc<T>,
}

impl<T: ?Sized> Clone for ReceiverEntry<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            process: self.process.clone(),
            receiver: Arc::clone(&self.receiver),
        }
    }
}

crate::default_is_new!(InProcess);

impl InProcess {
    /// Creates a backplane with one link, which is returned.
    pub fn new() -> Self {
        Self::join(Arc::default())
    }

    /// Returns another link to the same backplane. It stands for another process.
    #[must_use = "the process leaves when its link is dropped"]
    pub fn link(&self) -> Self {
        Self::join(Arc::clone(&self.bus))
    }

    fn join(bus: Arc<Bus>) -> Self {
        let number = bus.last_name.fetch_add(1, Ordering::Relaxed) + 1;
        let process = format!("in-process-{number}");
        {
            let mut names = bus.names.lock();
            names.push(process.clone());
            bus.links.store(names.len(), Ordering::SeqCst);
        }
        Self { bus, process }
    }

    fn leave_now(&self) {
        let mut names = self.bus.names.lock();
        names.retain(|name| *name != self.process);
        self.bus.links.store(names.len(), Ordering::SeqCst);
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.leave_now();
    }
}

impl Backplane for InProcess {
    fn process(&self) -> &str {
        &self.process
    }

    fn is_alone(&self) -> bool {
        self.bus.links.load(Ordering::SeqCst) < 2
    }

    fn members(&self) -> Later<Vec<String>> {
        let names = self.bus.names.lock().clone();
        let others = names.into_iter().filter(|name| *name != self.process);
        let others = others.collect();
        Box::pin(async { Ok(others) })
    }

    fn append(&self, log: &str, entry: Message) -> Appended {
        let readers = Arc::clone(&self.bus.readers.lock());
        for it in readers.iter() {
            if it.name == log && it.process != self.process {
                it.receiver.entry(entry.clone());
            }
        }
        Appended::done(Ok(()))
    }

    fn follow(&self, log: &str, reader: Arc<dyn LogReader>) -> Later<Registration> {
        let entry = ReceiverEntry {
            name: log.to_owned(),
            process: self.process.clone(),
            receiver: reader,
        };
        let added = add(&self.bus, |bus| &bus.readers, entry);
        Box::pin(async { Ok(added) })
    }

    fn request(&self, subject: &str, request: Message, timeout: Duration) -> Later<Message> {
        let responders = Arc::clone(&self.bus.responders.lock());
        let serving: Vec<_> = responders.iter().filter(|it| it.name == subject).collect();
        let turn = self.bus.turn.fetch_add(1, Ordering::Relaxed);
        let Some(it) = serving.get(turn % serving.len().max(1)) else {
            let error = BackplaneError::NoResponder(subject.to_owned());
            return Box::pin(async { Err(error) });
        };
        // The responder may panic here or in its future.
        let begun = catch_unwind(AssertUnwindSafe(|| it.receiver.respond(request)));
        let subject = subject.to_owned();
        Box::pin(async move {
            let answer = match begun {
                Ok(answer) => {
                    let answer = AssertUnwindSafe(answer).catch_unwind();
                    let answer = tokio::time::timeout(timeout, answer).await;
                    answer.map_err(|_| BackplaneError::Timeout(timeout))?
                }
                Err(panic) => Err(panic),
            };
            answer.map_err(|_| BackplaneError::Unanswered {
                subject,
                source: "its responder has panicked".into(),
            })
        })
    }

    fn serve(
        &self,
        subject: &str,
        _group: Option<&str>,
        responder: Arc<dyn Responder>,
    ) -> Later<Registration> {
        let entry = ReceiverEntry {
            name: subject.to_owned(),
            process: self.process.clone(),
            receiver: responder,
        };
        let added = add(&self.bus, |bus| &bus.responders, entry);
        Box::pin(async { Ok(added) })
    }

    fn replace(
        &self,
        store: &str,
        key: &str,
        expected: Option<u64>,
        value: Option<Message>,
    ) -> Later<Replaced> {
        let replaced = self.bus.stores.replace(store, key, expected, value);
        Box::pin(async move { Ok(replaced) })
    }

    fn get(&self, store: &str, key: &str) -> Later<Option<(Message, u64)>> {
        let value = self.bus.stores.get(store, key);
        Box::pin(async { Ok(value) })
    }

    fn watch(&self, store: &str, reader: Arc<dyn StoreReader>) -> Later<Registration> {
        self.bus.stores.watch(store, &reader);
        let watching = Registration::new(Watching {
            bus: Arc::clone(&self.bus),
            store: store.to_owned(),
            reader,
        });
        Box::pin(async { Ok(watching) })
    }

    fn leave(&self) -> Later<()> {
        self.leave_now();
        Box::pin(async { Ok(()) })
    }
}

crate::debug_impl! { InProcess { process, .. } }

/// A reader of a store, which receives nothing more once this is dropped.
struct Watching {
    bus: Arc<Bus>,
    store: String,
    reader: Arc<dyn StoreReader>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.bus.stores.unwatch(&self.store, &self.reader);
    }
}

type ReceiverList<T> = Mutex<Arc<Vec<ReceiverEntry<T>>>>;

/// Adds an entry to a list of `bus`. Dropping the registration removes the entry.
fn add<T: ?Sized + Send + Sync + 'static>(
    bus: &Arc<Bus>,
    list: fn(&Bus) -> &ReceiverList<T>,
    entry: ReceiverEntry<T>,
) -> Registration {
    let receiver = Arc::clone(&entry.receiver);
    change(list(bus), |entries| entries.push(entry));
    Registration::new(Added {
        bus: Arc::clone(bus),
        list,
        receiver,
    })
}

fn change<T: ?Sized>(list: &ReceiverList<T>, change: impl FnOnce(&mut Vec<ReceiverEntry<T>>)) {
    let mut list = list.lock();
    let mut entries = Vec::clone(&list);
    change(&mut entries);
    *list = Arc::new(entries);
}

struct Added<T: ?Sized + Send + Sync + 'static> {
    bus: Arc<Bus>,
    list: fn(&Bus) -> &ReceiverList<T>,
    receiver: Arc<T>,
}

impl<T: ?Sized + Send + Sync + 'static> Drop for Added<T> {
    fn drop(&mut self) {
        change((self.list)(&self.bus), |entries| {
            entries.retain(|it| !Arc::ptr_eq(&it.receiver, &self.receiver));
        });
    }
}
