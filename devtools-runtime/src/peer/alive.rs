//! Asking the other side for a sign of life.
//!
//! The protocol has no such question. This is an optional call in a namespace of its own: a JavaScript peer does not know the
//! function and answers `undefined`, as the protocol says of optional calls ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)), and a peer of this crate
//! answers the same before it looks at anything else.

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
    /// Whether the other side answers. It may take this long, and longer as long as something comes from it. Any answer will
    /// do.
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
