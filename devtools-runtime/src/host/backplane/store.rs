//! The values of a key-value store that all processes see.

use crate::host::backplane::message::Message;

/// The result of [`Backplane::replace`](crate::backplane::Backplane::replace), which compares a revision and sets a value.
///
/// ```
/// use devtools_runtime::backplane::{Backplane, InProcess, Message, Replaced};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = InProcess::new();
/// let Replaced::Done(revision) = bus.replace("docs", "key", None, Some(Message::default())).await? else {
///     return Err("the key has a value already".into());
/// };
/// assert_eq!(bus.replace("docs", "key", None, Some(Message::default())).await?, Replaced::Conflict);
/// assert!(matches!(bus.replace("docs", "key", Some(revision), None).await?, Replaced::Done(_)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the value was not set if there is a conflict"]
pub enum Replaced {
    /// The value was set, and this is its revision.
    Done(u64),
    /// The key has another revision, so nothing was changed.
    Conflict,
}

/// The receiver of the values of a store, for [`Backplane::watch`](crate::backplane::Backplane::watch).
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// use devtools_runtime::backplane::{Message, StoreReader};
///
/// /// A copy of a store.
/// #[derive(Default)]
/// struct Copy(Mutex<HashMap<String, (u64, Message)>>);
///
/// impl StoreReader for Copy {
///     fn changed(&self, key: &str, value: Option<Message>, revision: u64) {
///         let Ok(mut values) = self.0.lock() else { return };
///         match value {
///             Some(value) => values.insert(key.to_owned(), (revision, value)),
///             None => values.remove(key),
///         };
///     }
///
///     fn reset(&self) {
///         if let Ok(mut values) = self.0.lock() {
///             values.clear();
///         }
///     }
/// }
/// ```
pub trait StoreReader: Send + Sync + 'static {
    /// Receives the value of a key, or `None` if it was removed. The next one is passed when this returns. The
    /// revisions of a key increase.
    fn changed(&self, key: &str, value: Option<Message>, revision: u64);

    /// Notes that the engine has lost all values. Those that it has now are passed next.
    fn reset(&self);
}
