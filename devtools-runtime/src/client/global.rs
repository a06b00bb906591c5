//! The client of the whole process.

use std::sync::{PoisonError, RwLock};

use crate::client::handle::DevToolsRpcClient;

/// The lock is held for a clone or a store.
static CLIENT: RwLock<Option<DevToolsRpcClient>> = RwLock::new(None);

/// Returns the client of the whole process, or `None` if [`set_client_context`] has not set one.
///
/// This is the counterpart of `getDevToolsClientContext()` in JavaScript.
///
/// ```
/// # use devtools_runtime::DevTools;
/// # use devtools_runtime::client::{client_context, set_client_context};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().build().await?;
/// assert!(client_context().is_none());
/// set_client_context(Some(devtools.client()));
/// assert!(client_context().is_some());
/// # Ok(())
/// # }
/// ```
pub fn client_context() -> Option<DevToolsRpcClient> {
    CLIENT
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Sets or removes the client of the whole process. Returns the previous client.
///
/// The connection stays open until the client is removed or closed.
///
/// ```
/// # use devtools_runtime::DevTools;
/// # use devtools_runtime::client::{client_context, set_client_context};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// assert!(set_client_context(Some(devtools.client())).is_none());
/// // At the end of a test, for instance.
/// let former = set_client_context(None);
/// assert!(former.is_some() && client_context().is_none());
/// # Ok(())
/// # }
/// ```
pub fn set_client_context(client: Option<DevToolsRpcClient>) -> Option<DevToolsRpcClient> {
    let mut current = CLIENT.write().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut current, client)
}
