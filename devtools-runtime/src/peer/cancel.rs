//! Telling the other side that nobody waits for a call any more.
//!
//! The protocol has no cancel frame (`protocol.md` 1.6). This is an event in a namespace of its own: a
//! JavaScript peer does not know it, and drops events it does not know without a word.

use crate::peer::{Frame, Peer};
use crate::wire::{self, Encoding, RequestId};

/// The name of the event. Its one argument is the id of the call.
pub(crate) const CANCEL: &str = "devtools-runtime:cancel";

/// A call under way: dropping this before [`ended`](Self::ended) cancels it on the other side.
pub(crate) struct CancelOnDrop<'a> {
    peer: &'a Peer,
    /// `None` once the call has ended.
    id: Option<u64>,
}

impl<'a> CancelOnDrop<'a> {
    pub(crate) fn new(peer: &'a Peer, id: u64) -> Self {
        Self { peer, id: Some(id) }
    }

    /// The call needs no cancelling any more.
    pub(crate) fn ended(mut self) {
        self.id = None;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let arguments = (RequestId::from(id),);
        if let Ok(text) = wire::request(Encoding::Json, CANCEL, &arguments, true, None) {
            // A courtesy: with no room for it the call just runs to its end.
            let _ = self.peer.try_send(Frame::from(text));
        }
    }
}
