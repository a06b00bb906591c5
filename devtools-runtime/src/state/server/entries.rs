//! The states of a context by their keys, and which limits they count for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::state::server::state::AnyState;
use crate::state::server::topic::Topic;

/// The states and the topics of a context.
#[derive(Default)]
pub(super) struct StateTable {
    pub(super) states: HashMap<Box<str>, StateEntry>,
    pub(super) topics: HashMap<Box<str>, Arc<Topic>>,
    /// The topics of each session.
    pub(super) subscriptions: HashMap<u64, Vec<Arc<Topic>>>,
    /// The revisions of the stored values of states that were deleted, until the other processes are told.
    pub(super) removing: HashMap<Box<str>, u64>,
    /// The number of states that were created so far, including deleted ones.
    created: u64,
}

/// A state, with its number and origin.
pub(super) struct StateEntry {
    pub(super) state: Arc<dyn AnyState>,
    /// The number of the state, in the order of creation.
    pub(super) number: u64,
    pub(super) origin: StateOrigin,
}

/// The origin of a state, which decides for which limit it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateOrigin {
    /// The program. Also a client, if the program has opened the state since. No limit applies.
    Program,
    /// A client. Holds its session while that is connected. The program has not opened the state.
    Client(Option<u64>),
    /// A program of another process. The program of this one has not opened the state. No limit applies.
    OtherProcess,
    /// The store, from which it was loaded for a client. Holds the client's session while that is connected.
    Stored(Option<u64>),
}

/// A state that was found.
pub(super) struct FoundState {
    pub(super) state: Arc<dyn AnyState>,
    /// Whether only clients and other processes use the state, so that the program can still open it with any type.
    pub(super) is_untyped: bool,
    /// Whether a client has created the state.
    pub(super) is_of_client: bool,
}

impl StateTable {
    pub(super) fn topic(&mut self, key: &str) -> Arc<Topic> {
        if let Some(topic) = self.topics.get(key) {
            return Arc::clone(topic);
        }
        let topic = Arc::new(Topic::new(key));
        self.topics.insert(key.into(), Arc::clone(&topic));
        topic
    }

    pub(super) fn find(&self, key: &str) -> Option<FoundState> {
        let entry = self.states.get(key)?;
        Some(FoundState {
            state: Arc::clone(&entry.state),
            is_untyped: entry.is_untyped(),
            is_of_client: entry.kind() == Some(StateLimit::Client),
        })
    }

    pub(super) fn count(&self, is_counted: impl Fn(&StateEntry) -> bool) -> usize {
        let entries = self.states.values();
        entries.filter(|entry| is_counted(entry)).count()
    }

    /// Removes the oldest state of this kind without subscribers. A state that is not stored stays as long as the session
    /// that created it is connected.
    pub(super) fn take_idle(&mut self, kind: StateLimit) -> Option<(Box<str>, StateEntry)> {
        let may_go = |key: &str, entry: &StateEntry| {
            let topic = self.topics.get(key);
            entry.kind() == Some(kind)
                && (kind == StateLimit::Stored || entry.owner().is_none())
                && topic.is_none_or(|topic| topic.is_empty())
        };
        let states = self.states.iter();
        let idle = states.filter(|(key, entry)| may_go(key, entry));
        let key = idle.min_by_key(|(_, entry)| entry.number)?.0.clone();
        let entry = self.states.remove(&key)?;
        self.tidy(&key);
        Some((key, entry))
    }

    /// Adds a state. Returns `false` if there is one of this key.
    pub(super) fn insert(
        &mut self,
        key: &str,
        state: Arc<dyn AnyState>,
        origin: StateOrigin,
    ) -> bool {
        if self.states.contains_key(key) {
            return false;
        }
        self.created += 1;
        let entry = StateEntry {
            state,
            number: self.created,
            origin,
        };
        self.states.insert(key.into(), entry);
        true
    }

    /// Removes the topic of a key that has neither a state nor a subscriber.
    pub(super) fn tidy(&mut self, key: &str) {
        let is_idle = self.topics.get(key).is_some_and(|topic| topic.is_empty());
        if is_idle && !self.states.contains_key(key) {
            self.topics.remove(key);
        }
    }
}

/// The limit for which a state counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateLimit {
    Client,
    Stored,
}

impl StateEntry {
    pub(super) fn is_untyped(&self) -> bool {
        self.kind() == Some(StateLimit::Client) || self.origin == StateOrigin::OtherProcess
    }

    /// Returns the limit for which the state counts, if there is one.
    pub(super) fn kind(&self) -> Option<StateLimit> {
        match self.origin {
            StateOrigin::Program | StateOrigin::OtherProcess => None,
            StateOrigin::Client(_) => Some(StateLimit::Client),
            StateOrigin::Stored(_) => Some(StateLimit::Stored),
        }
    }

    /// Returns the session for which the state counts, if there is one.
    pub(super) fn owner(&self) -> Option<u64> {
        match self.origin {
            StateOrigin::Program | StateOrigin::OtherProcess => None,
            StateOrigin::Client(owner) | StateOrigin::Stored(owner) => owner,
        }
    }
}
