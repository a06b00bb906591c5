//! The trait of a backplane.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::host::backplane::appended::Appended;
use crate::host::backplane::error::BackplaneError;
use crate::host::backplane::message::Message;
use crate::host::backplane::store::{Replaced, StoreReader};

/// A boxed future of an operation of a [`Backplane`].
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, BackplaneError>> + Send>>;

/// The connection of one process to the other processes of the same program.
///
/// An implementation translates these operations for an engine that keeps membership, order and storage. The crate
/// `devtools-nats` does it for NATS; [`InProcess`](crate::backplane::InProcess) is for programs of one process. A program passes it to
/// [`DevToolsBuilder::backplane`](crate::DevToolsBuilder::backplane).
///
/// Futures of these operations do not borrow the backplane. Operations are called inside a tokio runtime.
///
/// ```
/// use devtools_runtime::backplane::{Backplane, BackplaneError};
///
/// /// Waits until a fleet has as many processes as it was started with.
/// async fn complete(link: &dyn Backplane, processes: usize) -> Result<(), BackplaneError> {
///     while link.members().await?.len() + 1 < processes {
///         tokio::time::sleep(std::time::Duration::from_millis(200)).await;
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BackplaneError> {
/// # let first = devtools_runtime::backplane::InProcess::new();
/// # let _second = first.link();
/// # complete(&first, 2).await
/// # }
/// ```
pub trait Backplane: fmt::Debug + Send + Sync + 'static {
    /// Returns the name of this process. No other process has or had it.
    fn process(&self) -> &str;

    /// Returns whether no other process can receive anything now, so that messages need not be written. An engine that cannot
    /// know returns `false`.
    fn is_alone(&self) -> bool {
        false
    }

    /// Returns the names of the other processes that are connected.
    ///
    /// A process that ended without leaving may be among them for some seconds.
    fn members(&self) -> Later<Vec<String>>;

    /// Appends an entry to a log.
    ///
    /// Every process that follows the log receives it once. The entries of this process arrive in the order of the
    /// calls. This method does not wait: it may be called while a lock is held.
    ///
    /// The future resolves to an error if the entry was refused, or if it is not known whether it was stored.
    fn append(&self, log: &str, entry: Message) -> Appended;

    /// Passes all entries that other processes append to a log from now on to `reader`, one after the other, until the registration
    /// is dropped.
    fn follow(&self, log: &str, reader: Arc<dyn LogReader>) -> Later<Registration>;

    /// Sends a request to a process that [serves](Self::serve) the subject. If several do as a group, one of them receives it.
    ///
    /// The request is delivered at most once.
    fn request(&self, subject: &str, request: Message, timeout: Duration) -> Later<Message>;

    /// Answers the requests of a subject until the registration is dropped. Each request reaches one process of a `group`.
    fn serve(
        &self,
        subject: &str,
        group: Option<&str>,
        responder: Arc<dyn Responder>,
    ) -> Later<Registration>;

    /// Sets the value of a key in a store if the key has the revision `expected`, which is `None` for a key without a
    /// value. If `value` is `None`, the key is removed instead.
    ///
    /// After an error it is not known whether the value was set, except for [`TooLarge`](BackplaneError::TooLarge) and
    /// [`StoreFull`](BackplaneError::StoreFull), after which it was not.
    fn replace(
        &self,
        store: &str,
        key: &str,
        expected: Option<u64>,
        value: Option<Message>,
    ) -> Later<Replaced>;

    /// Returns the value of a key in a store with its revision, or `None` if it has none.
    fn get(&self, store: &str, key: &str) -> Later<Option<(Message, u64)>>;

    /// Passes the values of all keys of a store to `reader`, and then every change, until the registration is dropped.
    /// The changes of this process are among them. If a key changes quickly, the reader may receive its last value
    /// only.
    ///
    /// The future resolves when all values that the store had at the beginning were passed.
    fn watch(&self, store: &str, reader: Arc<dyn StoreReader>) -> Later<Registration>;

    /// Sends the messages that wait, and ends the membership of this process.
    fn leave(&self) -> Later<()>;
}

/// The receiver of the entries of a log, for [`Backplane::follow`].
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use devtools_runtime::backplane::{LogReader, Message};
///
/// /// Counts the entries that were read, and those that were missed.
/// #[derive(Default)]
/// struct Counter {
///     read: AtomicU64,
///     missed: AtomicU64,
/// }
///
/// impl LogReader for Counter {
///     fn entry(&self, _: Message) {
///         self.read.fetch_add(1, Ordering::Relaxed);
///     }
///
///     fn missed(&self, entries: u64) {
///         self.missed.fetch_add(entries, Ordering::Relaxed);
///     }
/// }
/// ```
pub trait LogReader: Send + Sync + 'static {
    /// Receives an entry. The next one is passed when this returns.
    fn entry(&self, entry: Message);

    /// Receives the number of entries that this process has missed, because the log has not kept them long enough.
    fn missed(&self, entries: u64);
}

/// A responder to the requests of a subject, for [`Backplane::serve`].
///
/// ```
/// use std::pin::Pin;
///
/// use devtools_runtime::backplane::{Message, Responder};
///
/// /// Answers each request with its own content.
/// struct Echo;
///
/// impl Responder for Echo {
///     fn respond(&self, request: Message) -> Pin<Box<dyn Future<Output = Message> + Send>> {
///         Box::pin(async move { request })
///     }
/// }
/// ```
pub trait Responder: Send + Sync + 'static {
    /// Returns a future of the answer to a request.
    fn respond(&self, request: Message) -> Pin<Box<dyn Future<Output = Message> + Send>>;

    /// Returns how many requests may run at the same time, if the responder knows: further ones wait. Default: the backplane decides.
    fn at_once(&self) -> Option<usize> {
        None
    }
}

/// A registration of a reader or a responder, which ends when this is dropped.
///
/// ```
/// use std::sync::Arc;
///
/// use devtools_runtime::backplane::Registration;
///
/// let reader = Arc::new("what the engine passes entries to");
/// let registration = Registration::new(Arc::clone(&reader));
/// assert_eq!(Arc::strong_count(&reader), 2);
/// drop(registration);
/// assert_eq!(Arc::strong_count(&reader), 1);
/// ```
#[must_use = "the registration ends when it is dropped"]
pub struct Registration(#[expect(dead_code, reason = "it is dropped")] Box<dyn Any + Send + Sync>);

impl Registration {
    /// Makes a registration that ends when `guard` is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

crate::debug_impl! { Registration { .. } }
