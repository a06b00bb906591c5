//! Checking that the server is still there, with a call.

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use crate::function::CallError;
use crate::peer::{ALIVE, Peer};
use crate::wire::Encoding;

/// Returns whether the other side of `peer` answers a call within `within`. Any answer counts, also an error. If other
/// frames have arrived within the time, it starts again.
pub(super) async fn is_alive(peer: &Peer, within: Duration) -> bool {
    let mut asking = pin!(peer.ask_optional(ALIVE, Encoding::Json, &()));
    loop {
        let before = peer.stats().frames_read;
        match timeout(within, asking.as_mut()).await {
            Ok(Err(CallError::Timeout(_) | CallError::Disconnected(_))) => return false,
            Ok(_) => return true,
            Err(_) if peer.stats().frames_read == before => return false,
            Err(_) => {}
        }
    }
}
