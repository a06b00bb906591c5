//! The requests of a connection that have arrived and are not dispatched yet.

use std::collections::{BTreeMap, HashMap};

use crate::peer::frame::Frame;
use crate::wire::RequestId;

/// The largest number of bytes that a held request occupies beside its frame.
const OVERHEAD: usize = 256;

/// Requests that wait until there is room for them, in their order.
#[derive(Default)]
pub(super) struct HeldRequests {
    /// The requests, by a number that increases with each arrival.
    requests: BTreeMap<u64, HeldRequest>,
    /// The latest request of each id.
    numbers: HashMap<RequestId, u64>,
    next: u64,
    bytes: usize,
}

struct HeldRequest {
    id: Option<RequestId>,
    frame: Frame,
}

impl HeldRequests {
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Returns whether the held requests occupy `bytes` or more, so that no further one may be held. If none is held,
    /// one may be held whatever its size.
    pub(super) fn is_full(&self, bytes: usize) -> bool {
        !self.is_empty() && self.bytes >= bytes
    }

    pub(super) fn push(&mut self, id: Option<RequestId>, frame: Frame) {
        self.bytes += frame.len() + OVERHEAD;
        if let Some(id) = &id {
            self.numbers.insert(id.clone(), self.next);
        }
        self.requests.insert(self.next, HeldRequest { id, frame });
        self.next += 1;
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let number = *self.requests.first_key_value()?.0;
        self.take(number)
    }

    /// Returns the call with this id.
    pub(super) fn find(&self, id: &RequestId) -> Option<&Frame> {
        let number = self.numbers.get(id)?;
        self.requests.get(number).map(|request| &request.frame)
    }

    /// Removes the call with this id.
    pub(super) fn remove(&mut self, id: &RequestId) {
        if let Some(number) = self.numbers.get(id).copied() {
            self.take(number);
        }
    }

    fn take(&mut self, number: u64) -> Option<Frame> {
        let HeldRequest { id, frame } = self.requests.remove(&number)?;
        self.bytes -= frame.len() + OVERHEAD;
        if let Some(id) = id.filter(|id| self.numbers.get(id) == Some(&number)) {
            self.numbers.remove(&id);
        }
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::{HeldRequests, OVERHEAD};
    use crate::peer::Frame;
    use crate::wire::RequestId;

    #[test]
    fn requests_leave_in_their_order_and_the_cancelled_ones_at_once() {
        let mut held = HeldRequests::default();
        let frame = |text: &str| Frame::from(text.to_owned());
        let id = |number: u64| Some(RequestId::from(number));
        assert!(!held.is_full(0), "a single request always waits");
        for (number, text) in [(1, "first"), (2, "second"), (2, "again"), (3, "third")] {
            held.push(id(number), frame(text));
        }
        held.push(None, frame("event"));
        let bytes = "firstsecondagainthirdevent".len() + 5 * OVERHEAD;
        assert!(held.is_full(bytes) && !held.is_full(bytes + 1));
        let found = |held: &HeldRequests, id: u64| {
            let frame = held.find(&RequestId::from(id));
            frame.map(|frame| frame.as_str().to_owned())
        };
        assert_eq!(found(&held, 2).as_deref(), Some("again"));
        held.remove(&RequestId::from(2));
        held.remove(&RequestId::from(7));
        assert_eq!(found(&held, 2), None);
        let mut popped = Vec::new();
        while let Some(frame) = held.pop() {
            popped.push(frame.as_str().to_owned());
        }
        assert_eq!(popped, ["first", "second", "third", "event"]);
        assert!(held.numbers.is_empty() && held.bytes == 0);
    }
}
