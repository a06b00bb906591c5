//! The handle of a shared state, on either side.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::state::MutateError;

/// A type that can be shared: serde reads and writes it, and it can be copied to be changed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a shared state",
    label = "cannot be written, read and copied",
    note = "if the type is yours, derive it: `#[derive(Clone, serde::Serialize, serde::Deserialize)]`"
)]
pub trait SharedValue: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> SharedValue for T {}

/// A value that a server and its clients have in common. Cloning is cheap and gives the same state.
///
/// A server has one from [`RpcHost::shared_state`](crate::context::RpcHost::shared_state), a client from
#[cfg_attr(
    feature = "client",
    doc = "[`DevToolsRpcClient::shared_state`](crate::DevToolsRpcClient::shared_state)."
)]
#[cfg_attr(not(feature = "client"), doc = "its own method of that name.")]
/// Whoever changes it, all others see the new value.
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
/// # Who wins
///
/// The server brings the changes into one order, and the last one counts: a value replaces a value. Two sides that
/// change different fields at the same moment may undo each other's change, as in JavaScript; in the end all have
/// the same value.
pub struct SharedState<T>(Arc<dyn Backend<T>>);

/// One side of a shared state.
pub(crate) trait Backend<T>: Send + Sync {
    fn key(&self) -> &str;

    fn values(&self) -> &watch::Sender<Arc<T>>;

    /// Has `change` change a copy of the value, and takes that for the value. Changes wait for each other.
    fn mutate(&self, change: &mut dyn FnMut(&mut T)) -> Result<(), MutateError>;

    /// Takes another value.
    fn set(&self, value: T) -> Result<(), MutateError>;

    /// Keeps what the type says of itself, if this side is asked for it.
    #[cfg(feature = "typescript")]
    fn keep_description(&self, _describe: crate::function::DescribeType) {}
}

#[cfg(feature = "typescript")]
impl<T: schemars::JsonSchema> SharedState<T> {
    /// Has declarations for TypeScript say what the value is. A state that
    /// [`rpc_shared_state`](macro@crate::rpc_shared_state) declares does so by itself; of others it is `unknown`. Nobody asks a
    /// client.
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

    /// The key of the state, such as `my-plugin:state`.
    pub fn key(&self) -> &str {
        self.0.key()
    }

    /// The value at this moment. It does not change any more: a later value is another one.
    pub fn value(&self) -> Arc<T> {
        Arc::clone(&self.0.values().borrow())
    }

    /// The value, now and from now on. Whoever is slow sees the latest value, and not each one.
    pub fn subscribe(&self) -> watch::Receiver<Arc<T>> {
        self.0.values().subscribe()
    }

    /// Changes the value, and tells everybody. What `change` returns is returned.
    ///
    /// `change` gets a copy of the value. If it leaves it as it was, nobody is told. Changes of one state wait for
    /// each other, so it should be quick, and must not change the same state again: that never ends.
    ///
    /// A client's own value changes at once. Its server is told as soon as there is a connection; if the state was
    /// changed there while there was none, the server's value counts, and this change is given up with a warning. A
    /// value that the server refuses is taken back.
    ///
    /// # Errors
    ///
    /// If the new value cannot be written, or is too large. The state is then as it was.
    ///
    /// # Panics
    ///
    /// If `change` panics. The state is then as it was.
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

    /// Replaces the value, and tells everybody, unless it is the same.
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

impl<T: fmt::Debug> fmt::Debug for SharedState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState")
            .field("key", &self.key())
            .field("value", &self.value())
            .finish()
    }
}
