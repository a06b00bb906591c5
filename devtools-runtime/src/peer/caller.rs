//! What functions can be called through.

use crate::peer::Peer;

/// A connection that functions can be called through: a client, or a session of a server.
///
/// `GetModule::call(&caller, …)` takes any of them.
#[diagnostic::on_unimplemented(
    message = "functions cannot be called through `{Self}`",
    label = "expected a client or a session",
    note = "on the server's own side use `invoke_local(ctx, …)`"
)]
pub trait Caller: Sync {
    #[doc(hidden)]
    fn peer(&self) -> &Peer;
}
