//! Cancelling a call on the other side.
//!
//! The protocol has no cancel frame ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)). This is an event in a namespace of its own: a JavaScript peer drops it, as every
//! event that it does not know.

use crate::peer::endpoint::Peer;
use crate::peer::frame::Frame;
use crate::peer::lane::SingleFrame;
use crate::peer::outbound::Unsent;
use crate::wire::{self, Encoding, RequestId};

/// The name of the event. Its one argument is the id of the call.
pub(crate) const CANCEL: &str = "devtools-runtime:cancel";

/// Tells the other side that the caller does not wait for call `id` any more.
///
/// The event goes into the queue, so that it follows the request. If the queue is full, it goes through the lane of stream
/// chunks. There are never more of these events than there were pending calls, and the other side ignores one that arrives
/// before its request.
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
    use crate::peer::access::{AccessCell, ConnectionAccess};
    use crate::peer::endpoint::Peer;
    use crate::peer::frame::Frame;
    use crate::peer::lane::Lane;
    use crate::peer::limits::Limits;

    #[test]
    fn a_cancellation_finds_its_way_past_a_full_queue() {
        let limits = Limits::new().queued_frames(1);
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        let (peer, mut queue) = Peer::new(&Arc::new(limits), CancellationToken::new(), access);
        peer.try_send(Frame::from("{}".to_owned())).unwrap();
        cancel(&peer, 7);
        let mut lane = Lane::default();
        lane.add(queue.queue.sources());
        let sent = lane.next().map(|frame| frame.as_str().to_owned());
        assert!(sent.is_some_and(|text| text.contains(CANCEL)));
    }
}
