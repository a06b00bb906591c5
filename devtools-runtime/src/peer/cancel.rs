//! Telling the other side that nobody waits for a call any more.
//!
//! The protocol has no cancel frame ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)). This is an event in a namespace of its own: a
//! JavaScript peer does not know it, and drops events it does not know without a word.

use crate::peer::frame::Frame;
use crate::peer::handle::Peer;
use crate::peer::lane::SingleFrame;
use crate::peer::outbound::Unsent;
use crate::wire::{self, Encoding, RequestId};

/// The name of the event. Its one argument is the id of the call.
pub(crate) const CANCEL: &str = "devtools-runtime:cancel";

/// Tells the other side that nobody waits for call `id`.
///
/// The event goes into the queue, so that it follows the request. If the queue is full it goes by the lane: there are
/// never more of these events than calls were waited for, and the other side drops one that arrives before its request.
pub(crate) fn cancel(peer: &Peer, id: u64) {
    let arguments = (RequestId::from(id),);
    if let Ok(text) = wire::request(Encoding::Json, CANCEL, &arguments, true, None) {
        if let Err(Unsent::Full(frame)) = peer.try_send(Frame::from(text)) {
            peer.offer(SingleFrame::new(frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use super::{CANCEL, cancel};
    use crate::peer::access::{Access, AccessCell};
    use crate::peer::frame::Frame;
    use crate::peer::handle::Peer;
    use crate::peer::lane::Lane;
    use crate::peer::limits::Limits;

    #[test]
    fn a_cancellation_finds_its_way_past_a_full_queue() {
        let limits = Limits::new().queued_frames(1);
        let access = Arc::new(AccessCell::new(Access::Open));
        let (peer, mut queue) = Peer::new(&Arc::new(limits), CancellationToken::new(), access);
        peer.try_send(Frame::from("{}".to_owned())).unwrap();
        cancel(&peer, 7);
        let mut lane = Lane::default();
        lane.add(queue.queue.sources());
        let sent = lane.next().map(|frame| frame.as_str().to_owned());
        assert!(sent.is_some_and(|text| text.contains(CANCEL)));
    }
}
