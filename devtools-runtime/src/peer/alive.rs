//! Checking that the other side is still there, with a call.
//!
//! The protocol has no such request. This is an optional call in a namespace of its own: a JavaScript peer does not know
//! the function and answers `undefined`, as the protocol says of optional calls ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)). A peer of this crate answers
//! `undefined` too, before it does anything else with the request.

#[cfg(feature = "client")]
use std::pin::pin;
#[cfg(feature = "client")]
use std::time::Duration;

#[cfg(feature = "client")]
use tokio::time::timeout;

#[cfg(feature = "client")]
use crate::function::CallError;
#[cfg(feature = "client")]
use crate::peer::Peer;
#[cfg(feature = "client")]
use crate::wire::Encoding;

/// The name of the function.
pub(crate) const ALIVE: &str = "devtools-runtime:alive";

#[cfg(feature = "client")]
impl Peer {
    /// Returns whether the other side answers the call within `within`. Any answer counts, also an error. The time starts
    /// again as long as other frames arrive from it.
    pub(crate) async fn is_alive(&self, within: Duration) -> bool {
        let mut asking = pin!(self.ask_optional(ALIVE, Encoding::Json, &()));
        loop {
            let before = self.stats().frames_read;
            match timeout(within, asking.as_mut()).await {
                Ok(Err(CallError::Timeout(_) | CallError::Disconnected(_))) => return false,
                Ok(_) => return true,
                Err(_) if self.stats().frames_read == before => return false,
                Err(_) => {}
            }
        }
    }
}
