//! The clients' requests about the shared states of a context.

use std::sync::Arc;

use crate::function::{ReplyText, ReplyTo, read};
use crate::peer::Peer;
use crate::protocol::state::{GetState, SubscribeState};
use crate::state::options::StateOptions;
use crate::state::server::entries::{StateLimit, StateOrigin};
use crate::state::server::link::Storing;
use crate::state::server::refused::RefusedRequest;
use crate::state::server::state::{AnyState, ServerState};
use crate::state::server::states::States;
use crate::wire::{Encoding, Payload, js};

/// The longest key that a client may use, in bytes.
const KEY_BYTES: usize = 1024;

impl States {
    /// Subscribes a session to a key, whether the key has a state or not.
    pub(crate) fn subscribe(
        &self,
        arguments: Payload<'_>,
        session: u64,
        peer: &Peer,
    ) -> Result<(), RefusedRequest> {
        let (key,) = read::<SubscribeState>(arguments)?;
        let key = checked(&key)?;
        self.find_for(key, session)?;
        let mut inner = self.lock();
        let topic = inner.topic(key);
        if topic.has(session) {
            return Ok(());
        }
        let limit = self.bounds.state_subscriptions;
        let subscriptions = inner.subscriptions.entry(session).or_default();
        if subscriptions.len() >= limit {
            inner.tidy(key);
            return Err(RefusedRequest::TooManySubscriptions { limit });
        }
        topic.subscribe(session, peer);
        subscriptions.push(topic);
        Ok(())
    }

    /// Removes a session that has ended. The states that it has created stay, and count for no session.
    pub(crate) fn forget(&self, session: u64) {
        let mut inner = self.lock();
        for topic in inner.subscriptions.remove(&session).unwrap_or_default() {
            if !topic.unsubscribe(session) {
                inner.tidy(&topic.key);
            }
        }
        for entry in inner.states.values_mut() {
            if let StateOrigin::Client(owner) | StateOrigin::Stored(owner) = &mut entry.origin {
                owner.take_if(|owner| *owner == session);
            }
        }
    }

    /// Replies with the value of a state, or with `undefined` if there is none.
    pub(crate) fn reply(
        &self,
        arguments: Payload<'_>,
        session: u64,
        reply: &ReplyTo,
    ) -> Result<ReplyText, RefusedRequest> {
        let (key,) = read::<GetState>(arguments)?;
        Ok(match self.find_for(&key, session)? {
            Some(state) => state.reply(session, reply),
            None => reply.undefined(Encoding::StructuredClone),
        })
    }

    /// Sets the value of a state. Creates the state if there is none, which then belongs to the session `owner` until that ends.
    pub(crate) fn set(
        &self,
        arguments: Payload<'_>,
        session: u64,
        owner: Option<u64>,
    ) -> Result<Option<Storing>, RefusedRequest> {
        let (key,) = read::<GetState>(arguments)?;
        let key = checked(&key)?;
        let state = match self.find_for(key, session)? {
            Some(state) => {
                state.set(arguments, session)?;
                state
            }
            None => self.make(key, arguments, session, owner)?,
        };
        Ok(state.storing())
    }

    /// Creates a state with the value of a client, unless another request has created it meanwhile.
    fn make(
        &self,
        key: &str,
        arguments: Payload<'_>,
        session: u64,
        owner: Option<u64>,
    ) -> Result<Arc<dyn AnyState>, RefusedRequest> {
        if self.own.iter().any(|own| own.key == key) {
            return Err(RefusedRequest::ReadOnly(key.to_owned()));
        }
        let making = self.making.lock();
        if let Some(found) = self.lock().find(key) {
            drop(making);
            found.state.set(arguments, session)?;
            return Ok(found.state);
        }
        self.make_room(session, StateLimit::Client)?;
        // The state has no subscribers yet, so the former value is not needed.
        let topic = self.lock().topic(key);
        let settings = Arc::clone(&self.settings);
        let options = StateOptions::new();
        let state = ServerState::new(settings, topic, js::Value::Undefined, options)?;
        let state = Arc::new(state);
        if let Err(refused) = state.set(arguments, session) {
            self.lock().tidy(key);
            return Err(refused);
        }
        let made = Arc::clone(&state) as Arc<dyn AnyState>;
        self.lock().insert(key, state, StateOrigin::Client(owner));
        drop(making);
        self.tell_link(key);
        self.added.notify(key);
        Ok(made)
    }

    /// Applies patches to a state, if there is one.
    pub(crate) fn patch(
        &self,
        arguments: Payload<'_>,
        session: u64,
    ) -> Result<Option<Storing>, RefusedRequest> {
        let (key,) = read::<GetState>(arguments)?;
        let Some(state) = self.find_for(&key, session)? else {
            return Ok(None);
        };
        state.patch(arguments, session)?;
        Ok(state.storing())
    }

    /// Checks that a session may have another state of this kind. If the limit is reached, removes the oldest state that no
    /// client uses.
    pub(super) fn make_room(&self, session: u64, kind: StateLimit) -> Result<(), RefusedRequest> {
        let mut inner = self.lock();
        let limit = self.bounds.session_states;
        if inner.count(|entry| entry.owner() == Some(session)) >= limit {
            return Err(RefusedRequest::TooManyOfSession { limit });
        }
        let limit = match kind {
            StateLimit::Client => self.bounds.states,
            StateLimit::Stored => self.bounds.settings,
        };
        if inner.count(|entry| entry.kind() == Some(kind)) < limit {
            return Ok(());
        }
        let (key, entry) = inner
            .take_idle(kind)
            .ok_or(RefusedRequest::TooMany { limit })?;
        drop(inner);
        tracing::debug!(key = &*key, "a shared state gives way to another");
        if kind == StateLimit::Stored {
            self.store.release(&key);
        }
        self.end(&key, &*entry.state);
        Ok(())
    }
}

/// Checks the length of a key that a client uses.
fn checked(key: &str) -> Result<&str, RefusedRequest> {
    if key.len() > KEY_BYTES {
        let (what, limit) = ("key", KEY_BYTES);
        return Err(RefusedRequest::TooLong { what, limit });
    }
    Ok(key)
}
