//! The trait of connections that functions can be called through.

use crate::peer::endpoint::Peer;

/// A connection that functions can be called through: a client, or a session of a server.
///
/// `GetModule::call(&caller, …)` takes any of them.
///
/// ```
/// use devtools_runtime::functions::Caller;
/// use devtools_runtime::{CallError, rpc_function};
///
/// #[rpc_function(name = "docs-of-callers:get-count", kind = "query")]
/// async fn get_count() -> u32;
///
/// /// This works with a client, and with a session of a server.
/// async fn next_count(caller: &impl Caller) -> Result<u32, CallError> {
///     Ok(GetCount::call(caller).await? + 1)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "functions cannot be called through `{Self}`",
    label = "expected a client or a session",
    note = "on the server's own side use `invoke_local(ctx, …)`"
)]
pub trait Caller: Sync {
    #[doc(hidden)]
    fn peer(&self) -> &Peer;
}
