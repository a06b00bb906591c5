//! The handle of a shared state, which the program has on either side.

use std::sync::{Arc, LazyLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::state::error::{MutateError, SyncError};

/// A type whose values can be shared: serde reads and writes it, and it can be cloned to be changed.
///
/// ```
/// use devtools_runtime::DevToolsContext;
/// use devtools_runtime::state::{SharedState, SharedStateError};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Clone, Default, Serialize, Deserialize)]
/// struct Filter {
///     text: String,
///     only_errors: bool,
/// }
///
/// fn filter(ctx: &DevToolsContext) -> Result<SharedState<Filter>, SharedStateError> {
///     ctx.rpc().shared_state("my-plugin:filter", Filter::default())
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a shared state",
    label = "cannot be written, read and copied",
    note = "if the type is yours, derive it: `#[derive(Clone, serde::Serialize, serde::Deserialize)]`"
)]
pub trait SharedValue: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> SharedValue for T {}

/// A value that a server and its clients share. Clones are cheap and share the state.
///
/// A server has one from [`RpcHost::shared_state`](crate::context::RpcHost::shared_state), a client from
#[cfg_attr(
    feature = "client",
    doc = "[`DevToolsRpcClient::shared_state`](crate::DevToolsRpcClient::shared_state)."
)]
#[cfg_attr(not(feature = "client"), doc = "its own method of that name.")]
/// When one side changes it, all others see the new value.
///
/// ```
/// # use devtools_runtime::DevTools;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let ctx = devtools.context();
/// let names = ctx.rpc().shared_state("my-plugin:names", vec!["Ada".to_owned()])?;
/// let mut changes = names.subscribe();
///
/// names.mutate(|names| names.push("Grace".to_owned()))?;
/// assert_eq!(*names.value(), ["Ada", "Grace"]);
///
/// changes.changed().await?;
/// assert_eq!(changes.borrow_and_update().len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// # Conflicts
///
/// The server puts all changes into one order, and the last one counts: a value replaces a value. Two sides that change
/// different fields at the same moment may undo each other's change, as in JavaScript. In the end all sides have the same
/// value.
pub struct SharedState<T>(Arc<dyn Backend<T>>);

/// The implementation of a shared state on one side.
pub(crate) trait Backend<T>: Send + Sync {
    fn key(&self) -> &str;

    fn values(&self) -> &watch::Sender<Arc<T>>;

    /// Returns a receiver of the error because of which the value may differ from the server's. The server's own
    /// value never differs.
    fn sync_errors(&self) -> watch::Receiver<Option<Arc<SyncError>>> {
        static NEVER: LazyLock<watch::Sender<Option<Arc<SyncError>>>> =
            LazyLock::new(|| watch::Sender::new(None));
        NEVER.subscribe()
    }

    /// Calls `change` with a copy of the value, and stores the copy. Changes wait for each other.
    fn mutate(&self, change: &mut dyn FnMut(&mut T)) -> Result<(), MutateError>;

    /// Replaces the value.
    fn set(&self, value: T) -> Result<(), MutateError>;

    /// Stores the description of the type, if this side writes declarations.
    #[cfg(feature = "typescript")]
    fn keep_description(&self, _describe: crate::function::DescribeType) {}
}

#[cfg(feature = "typescript")]
impl<T: schemars::JsonSchema> SharedState<T> {
    /// Adds the type of the value to the TypeScript declarations, which show `unknown` otherwise. A state that
    /// [`rpc_shared_state`](macro@crate::rpc_shared_state) declares has its type without this. Only a server writes
    /// declarations.
    ///
    /// ```
    /// # use devtools_runtime::DevToolsContext;
    /// # use devtools_runtime::state::SharedStateError;
    /// # fn example(ctx: &DevToolsContext) -> Result<(), SharedStateError> {
    /// let names = ctx.rpc().shared_state("my-plugin:names", vec!["Ada".to_owned()])?.described();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn described(self) -> Self {
        self.0.keep_description(crate::function::describe::<T>);
        self
    }
}

impl<T> SharedState<T> {
    pub(crate) fn new(backend: Arc<dyn Backend<T>>) -> Self {
        Self(backend)
    }

    /// Returns the key of the state, such as `my-plugin:state`.
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// Returns the current value. Later changes do not affect it, because each change makes a new value.
    pub fn value(&self) -> Arc<T> {
        Arc::clone(&self.0.values().borrow())
    }

    /// Returns a receiver of the value and its changes. A slow receiver sees the latest value, and may miss others.
    pub fn subscribe(&self) -> watch::Receiver<Arc<T>> {
        self.0.values().subscribe()
    }

    /// Returns a receiver of the error because of which the value of a client may differ from the server's. It holds
    /// `None` while there is no such error, and always on a server.
    ///
    /// If the client cannot apply a change that the server sends, it asks for the whole value until it has it: at once, and then with
    /// pauses from 20 milliseconds to 5 seconds. After 8 failed attempts it waits for the next change of the server. A lost connection
    /// is not an error of the state: the client's
    #[cfg_attr(
        feature = "client",
        doc = "[`status`](crate::DevToolsRpcClient::status) shows it."
    )]
    #[cfg_attr(not(feature = "client"), doc = "status shows it.")]
    ///
    /// ```
    /// # use devtools_runtime::state::SharedState;
    /// # async fn watch_errors(names: SharedState<Vec<String>>) {
    /// let mut errors = names.sync_errors();
    /// while errors.changed().await.is_ok() {
    ///     match &*errors.borrow_and_update() {
    ///         Some(error) => eprintln!("the names may be out of date: {error}"),
    ///         None => eprintln!("the names are those of the server again"),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn sync_errors(&self) -> watch::Receiver<Option<Arc<SyncError>>> {
        self.0.sync_errors()
    }

    /// Changes the value, sends it to the other sides, and returns the result of `change`.
    ///
    /// `change` gets a copy of the value. If it leaves the copy unchanged, nothing is sent. Changes of one state wait for
    /// each other, so `change` should be quick. It must not change the same state again, because that would never end.
    ///
    /// On a client, the value changes at once, and is sent as soon as there is a connection. If the state was changed on
    /// the server while there was none, the server's value counts, and the change of the client is discarded with a
    /// warning. If the server refuses a value, the client undoes the change.
    ///
    /// # Errors
    ///
    /// If the new value cannot be encoded, or is too large. The value is unchanged then.
    ///
    /// # Panics
    ///
    /// If `change` panics. The value is unchanged then.
    pub fn mutate<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R, MutateError> {
        let (mut change, mut result) = (Some(change), None);
        self.0.mutate(&mut |value| {
            result = change.take().map(|change| change(value));
        })?;
        match result {
            Some(result) => Ok(result),
            None => unreachable!("every side of a state runs the change"),
        }
    }

    /// Replaces the value and sends it to the other sides, unless the value is the same.
    ///
    /// # Errors
    ///
    /// As [`mutate`](Self::mutate).
    pub fn set(&self, value: T) -> Result<(), MutateError> {
        self.0.set(value)
    }
}

impl<T> Clone for SharedState<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

crate::debug_impl! { <T: std::fmt::Debug> SharedState<T> as it { key: it.key(), value: it.value() } }
