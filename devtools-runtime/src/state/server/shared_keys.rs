//! The shared states of a context as the other processes have them, by key.

use std::sync::Arc;

use crate::state::options::StateOptions;
use crate::state::server::entries::{StateEntry, StateLimit, StateOrigin};
use crate::state::server::link::{StateLink, StoredValue, Storing, Unstored};
use crate::state::server::ordered::Ordered;
use crate::state::server::state::{AnyState, ServerState};
use crate::state::server::states::States;
use crate::state::text;

impl States {
    /// Shares the states with other processes from now on. A second link is ignored.
    pub(crate) fn link(&self, link: Arc<dyn StateLink>) {
        let _ = self.settings.link.set(link); // the first one stays
        for key in self.keys() {
            self.tell_link(&key);
        }
    }

    /// Tells the link that the store does not have the current value of a key, or that its state was deleted.
    pub(super) fn tell_link(&self, key: &str) {
        if let Some(link) = self.settings.link.get().filter(|link| !link.is_alone()) {
            link.changed(key);
        }
    }

    /// Ends a state that was removed from the list, and tells the other processes.
    pub(super) fn end(&self, key: &str, state: &dyn AnyState) {
        state.delete();
        if let Some(revision) = state.take_order().and_then(|order| order.last_revision()) {
            self.lock().removing.insert(key.into(), revision);
            self.tell_link(key);
        }
    }

    /// Returns the change of a key that the other processes do not know yet.
    pub(crate) fn unstored(&self, key: &str, process: &str) -> Option<Unstored> {
        let (state, by_client) = {
            let inner = self.lock();
            if let Some(expected) = inner.removing.get(key) {
                let expected = *expected;
                return Some(Unstored::Removal { expected });
            }
            let entry = inner.states.get(key)?;
            let by_client = entry.kind() == Some(StateLimit::Client);
            (Arc::clone(&entry.state), by_client)
        };
        let (expected, number, value) = state.unstored(process, by_client)?;
        Some(Unstored::Value {
            expected,
            number,
            value,
        })
    }

    /// Notes that an attempt to store a value has succeeded.
    pub(crate) fn stored(&self, key: &str, number: u64, revision: u64) {
        if let Some(expected) = self.lock().removing.get_mut(key) {
            *expected = revision.max(*expected);
            return;
        }
        self.reorder(key, &mut |order| order.stored(number, revision));
    }

    /// Notes that a value was refused for good.
    pub(crate) fn refused(&self, key: &str, number: u64, reason: &str) {
        self.reorder(key, &mut |order| order.refused(number, reason));
    }

    /// Notes that this process has removed the value of a key.
    pub(crate) fn removed(&self, key: &str, revision: u64) {
        self.lock().removing.remove(key);
        self.reorder(key, &mut |order| order.seen = order.seen.max(revision));
    }

    /// Takes a value that was stored, by this process or another one. Creates the state if there is none.
    pub(crate) fn take_stored(&self, process: &str, key: &str, revision: u64, value: &StoredValue) {
        let found = {
            let mut inner = self.lock();
            if let Some(expected) = inner.removing.get_mut(key) {
                // The deletion comes after this change.
                *expected = revision.max(*expected);
                return;
            }
            inner.states.get(key).map(|entry| Arc::clone(&entry.state))
        };
        if let Some(state) = found {
            state.take_stored(process, revision, value);
            return;
        }
        if self.own.iter().any(|own| own.key == key) || self.store.owner(key).is_some() {
            return;
        }
        let topic = self.lock().topic(key);
        let options = StateOptions {
            patches: value.facts.options.patches,
            read_only: value.facts.options.read_only,
            per_process: false,
        };
        let settings = Arc::clone(&self.settings);
        let state = match ServerState::new(settings, topic, text::any(&value.text), options) {
            Ok(state) => state,
            Err(error) => {
                tracing::warn!(
                    key,
                    error = &error as &dyn std::error::Error,
                    "a shared state of another process is not offered"
                );
                self.lock().tidy(key);
                return;
            }
        };
        state.begin_at(revision, &value.facts);
        let state = Arc::new(state);
        let origin = if value.facts.by_client {
            StateOrigin::Client(None)
        } else {
            StateOrigin::OtherProcess
        };
        if self.add(key, Arc::clone(&state) as Arc<dyn AnyState>, origin) {
            // Clients may have subscribed to the key before it had a state.
            state.announce();
        } else if let Some(found) = self.lock().find(key) {
            found.state.take_stored(process, revision, value);
        }
    }

    /// Removes a state that another process has removed. A state that a client has created stays as long as clients of this process use it, and is
    /// stored again.
    pub(crate) fn take_removal(&self, key: &str, revision: u64) {
        let found = {
            let mut inner = self.lock();
            if let Some(expected) = inner.removing.get(key) {
                if revision > *expected {
                    inner.removing.remove(key);
                }
            }
            inner.states.get(key).map(|entry| {
                let is_used = inner.topics.get(key).is_some_and(|topic| !topic.is_empty());
                let is_of_client = entry.kind() == Some(StateLimit::Client);
                let stays = is_of_client && (is_used || entry.owner().is_some());
                (Arc::clone(&entry.state), stays)
            })
        };
        let Some((state, stays)) = found else {
            return;
        };
        let mut had_value = false;
        state.reorder(&mut |order| {
            had_value = order.revision.is_some_and(|known| known < revision);
            if order.seen < revision {
                order.removed(revision);
            }
        });
        if had_value && !stays {
            let mut inner = self.lock();
            let is_same = |entry: &StateEntry| Arc::ptr_eq(&entry.state, &state);
            if inner.states.get(key).is_some_and(is_same) {
                inner.states.remove(key);
                inner.tidy(key);
            }
            drop(inner);
            state.delete();
        } else {
            self.tell_link(key);
        }
    }

    /// Takes the removal of a key that this process has missed.
    pub(crate) fn take_lost_removal(&self, key: &str) {
        if self.lock().removing.remove(key).is_some() {
            self.tell_link(key);
            return;
        }
        let mut revision = None;
        self.reorder(key, &mut |order| revision = order.revision);
        if let Some(revision) = revision {
            self.take_removal(key, revision + 1);
        }
    }

    /// Stores all values again, because the backplane has lost them.
    pub(crate) fn store_again(&self) {
        self.lock().removing.clear();
        for key in self.keys() {
            self.store_key_again(&key);
        }
    }

    /// Stores the value of a key again, because the backplane has lost it.
    pub(crate) fn store_key_again(&self, key: &str) {
        self.lock().removing.remove(key);
        self.reorder(key, &mut Ordered::reset);
        self.tell_link(key);
    }

    /// Returns the last change of each state that is not stored for the other processes.
    pub(crate) fn all_storing(&self) -> Vec<(String, Storing)> {
        let storing = self.keys().into_iter().filter_map(|key| {
            let state = self.lock().find(&key)?.state;
            state.storing().map(|it| (key, it))
        });
        storing.collect()
    }

    fn reorder(&self, key: &str, change: &mut dyn FnMut(&mut Ordered)) {
        let found = self.lock().find(key);
        if let Some(found) = found {
            found.state.reorder(change);
        }
    }
}
