//! Telling the other side that nobody waits for a call any more.
//!
//! The protocol has no cancel frame ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)). This is an event in a namespace of its own: a
//! JavaScript peer does not know it, and drops events it does not know without a word.

use crate::peer::{Frame, Peer};
use crate::wire::{self, Encoding, RequestId};

/// The name of the event. Its one argument is the id of the call.
pub(crate) const CANCEL: &str = "devtools-runtime:cancel";

/// Says that nobody waits for call `id`.
pub(crate) fn cancel(peer: &Peer, id: u64) {
    let arguments = (RequestId::from(id),);
    if let Ok(text) = wire::request(Encoding::Json, CANCEL, &arguments, true, None) {
        // A courtesy: with no room for it the call just runs to its end.
        let _ = peer.try_send(Frame::from(text));
    }
}
