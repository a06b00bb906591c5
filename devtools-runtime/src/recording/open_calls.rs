//! The calls of all sessions that wait for their reply.

use std::collections::{BTreeMap, HashMap};

use crate::recording::entry::Sender;
use crate::wire::RequestId;

/// A session, and the side of it that calls.
pub(super) type CallingSide = (u64, Sender);

/// The calls that wait for their reply. Their number is limited, because a reply may never come: the peer may not
/// send it, or its frame may be dropped.
pub(super) struct OpenCalls {
    sides: HashMap<CallingSide, HashMap<RequestId, OpenCall>>,
    /// The calls in the order in which they came.
    by_age: BTreeMap<u64, (CallingSide, RequestId)>,
    next_age: u64,
    weight: usize,
    most: usize,
}

pub(super) struct Called {
    /// The number of the call.
    pub(super) number: u64,
    pub(super) name: String,
}

struct OpenCall {
    called: Called,
    age: u64,
    /// Its part of the limit: 1, and 1 more for each 1024 bytes of its name and id.
    weight: usize,
}

impl OpenCalls {
    /// Creates a table of at most `most` calls. One with a long name or id counts for several.
    pub(super) fn new(most: usize) -> Self {
        Self {
            sides: HashMap::new(),
            by_age: BTreeMap::new(),
            next_age: 0,
            weight: 0,
            most,
        }
    }

    /// Adds a call, and forgets those that have waited longest if there are too many.
    pub(super) fn insert(&mut self, side: CallingSide, id: RequestId, called: Called) {
        // A second call with the same id replaces the first one, because the reply names the id alone.
        self.remove(side, &id);
        let weight = 1 + (called.name.len() + id.len()) / 1024;
        let age = self.next_age;
        self.next_age += 1;
        self.weight += weight;
        self.by_age.insert(age, (side, id.clone()));
        let waiting = OpenCall {
            called,
            age,
            weight,
        };
        self.sides.entry(side).or_default().insert(id, waiting);
        while self.weight > self.most {
            let Some((_, (side, id))) = self.by_age.pop_first() else {
                break;
            };
            self.remove(side, &id);
            tracing::debug!(
                session = side.0,
                "a recorded call has waited too long for its reply"
            );
        }
    }

    /// Returns a call.
    pub(super) fn get(&self, side: CallingSide, id: &RequestId) -> Option<&Called> {
        Some(&self.sides.get(&side)?.get(id)?.called)
    }

    /// Takes a call out, because its reply has come.
    pub(super) fn remove(&mut self, side: CallingSide, id: &RequestId) -> Option<Called> {
        let waiting = self.sides.get_mut(&side)?.remove(id)?;
        self.by_age.remove(&waiting.age);
        self.weight -= waiting.weight;
        Some(waiting.called)
    }

    /// Forgets the calls of one side.
    pub(super) fn forget(&mut self, side: CallingSide) {
        for waiting in self.sides.remove(&side).into_iter().flatten() {
            self.by_age.remove(&waiting.1.age);
            self.weight -= waiting.1.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Called, CallingSide, OpenCalls};
    use crate::recording::entry::Sender;
    use crate::wire::RequestId;

    const SIDE: CallingSide = (1, Sender::Client);

    fn insert(calls: &mut OpenCalls, side: CallingSide, id: u64, name: &str) {
        let called = Called {
            number: id,
            name: name.to_owned(),
        };
        calls.insert(side, RequestId::from(id), called);
    }

    /// Returns the ids among 0 to 9 whose calls still wait.
    fn waiting(calls: &OpenCalls, side: CallingSide) -> Vec<u64> {
        let ids = 0..10;
        ids.filter(|id| calls.get(side, &RequestId::from(*id)).is_some())
            .collect()
    }

    #[test]
    fn the_call_that_has_waited_longest_is_forgotten() {
        let mut calls = OpenCalls::new(3);
        let other = (2, Sender::Server);
        insert(&mut calls, SIDE, 0, "a:b");
        insert(&mut calls, other, 0, "a:b");
        for id in 1..4 {
            insert(&mut calls, SIDE, id, "a:b");
        }
        assert_eq!(waiting(&calls, SIDE), [1, 2, 3]);
        assert!(waiting(&calls, other).is_empty());
        assert!(calls.remove(SIDE, &RequestId::from(2)).is_some());
        insert(&mut calls, SIDE, 4, "a:b");
        assert_eq!(waiting(&calls, SIDE), [1, 3, 4]);
        // The same id again is the newest call.
        insert(&mut calls, SIDE, 1, "a:b");
        insert(&mut calls, SIDE, 5, "a:b");
        assert_eq!(waiting(&calls, SIDE), [1, 4, 5]);
    }

    #[test]
    fn a_long_name_counts_for_several_calls() {
        let mut calls = OpenCalls::new(5);
        for id in 0..3 {
            insert(&mut calls, SIDE, id, "a:b");
        }
        insert(&mut calls, SIDE, 3, &"x".repeat(3000));
        assert_eq!(waiting(&calls, SIDE), [1, 2, 3]);
        let long = RequestId::from_text(&"y".repeat(10_000)).unwrap();
        let called = Called {
            number: 9,
            name: "a:b".to_owned(),
        };
        calls.insert(SIDE, long.clone(), called);
        assert!(waiting(&calls, SIDE).is_empty());
        assert!(
            calls.get(SIDE, &long).is_none(),
            "it is over the limit alone"
        );
        assert!(calls.by_age.is_empty());
        assert_eq!(calls.weight, 0);
    }

    #[test]
    fn what_is_answered_and_who_has_left_makes_room() {
        let mut calls = OpenCalls::new(2);
        for id in 0..1000 {
            insert(&mut calls, SIDE, id, "a:b");
            assert!(calls.remove(SIDE, &RequestId::from(id)).is_some());
        }
        insert(&mut calls, SIDE, 1, "a:b");
        insert(&mut calls, (2, Sender::Client), 2, "a:b");
        calls.forget(SIDE);
        insert(&mut calls, (2, Sender::Client), 3, "a:b");
        assert_eq!(waiting(&calls, (2, Sender::Client)), [2, 3]);
        calls.forget((2, Sender::Client));
        assert!(calls.sides.is_empty() && calls.by_age.is_empty());
        assert_eq!(calls.weight, 0);
    }
}
