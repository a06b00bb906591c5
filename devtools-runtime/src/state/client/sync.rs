//! Keeping a replica in step with the server while there is a connection.

use serde::de::IgnoredAny;

use crate::function::{CallError, RpcFunction as _};
use crate::peer::{Exchange, Peer};
use crate::protocol::state::{GetState, SetState};
use crate::state::client::replica::{Replica, ReplicaState};
use crate::state::patch;
use crate::state::shared_state::SharedValue;
use crate::state::sync_ids::SyncId;
use crate::state::text;
use crate::wire::{Encoding, js};

/// Takes the connection of a replica away when it ends.
struct Connected<'a, T: SharedValue>(&'a Replica<T>);

impl<T: SharedValue> Drop for Connected<'_, T> {
    fn drop(&mut self) {
        let connection = self.0.lock().outbox.disconnect();
        // Dropped without the lock.
        drop(connection);
    }
}

/// Asks for the server's value. `None` if the server has no such state.
pub(super) async fn get<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<T>, CallError> {
    let encoding = Encoding::StructuredClone;
    let reply = peer.ask(GetState::NAME, encoding, &(key,)).await?;
    if reply.is_undefined() {
        return Ok(None);
    }
    reply.read(GetState::NAME, encoding).map(Some)
}

/// Asks for the server's value, as text.
async fn get_text<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<String>, CallError> {
    let value = get::<T>(peer, key).await?;
    Ok(value.and_then(|value| text::write(&value).ok()))
}

impl<T: SharedValue> Replica<T> {
    /// Reads the server's value over a new connection, and decides what happens to a change that was made without one.
    pub(super) async fn catch_up(&self, peer: &Peer) {
        let (told, is_behind) = {
            let state = self.lock();
            // A change that was made before anything was known of the server's value is not given up.
            let is_behind = state.outbox.is_pending() && state.confirmed.is_some();
            (state.told, is_behind)
        };
        let answer = match &self.initial {
            None => get_text::<T>(peer, &self.key).await,
            Some(_) => get_text::<js::Value>(peer, &self.key).await,
        };
        let server = match answer {
            Ok(server) => server,
            Err(CallError::Disconnected(_)) => return,
            Err(error) => {
                tracing::warn!(
                    key = &*self.key,
                    error = &error as &dyn std::error::Error,
                    "a shared state could not be read"
                );
                None
            }
        };
        let mut state = self.lock();
        // A value that was told meanwhile is newer than the answer.
        let server = if state.told == told {
            server
        } else {
            state.confirmed.clone()
        };
        if is_behind {
            self.decide(&mut state, told, server.as_deref());
        }
        if server.is_some() {
            state.confirmed = server;
            self.settle(&mut state);
        }
        if state.outbox.has_unsent() {
            self.changed.notify_one();
        }
    }

    /// Sends a change again that was made without a connection, unless it has arrived, or the server's value has changed
    /// meanwhile.
    fn decide(&self, state: &mut ReplicaState, told: u64, server: Option<&str>) {
        let is = |known: Option<&str>| match (server, known) {
            (Some(server), Some(known)) => patch::is_same(&text::any(server), &text::any(known)),
            (None, _) => true,
            (Some(_), None) => false,
        };
        let last = state.outbox.last_sent();
        let has_arrived = server.is_some() && last.is_some() && is(last);
        let is_untouched = state.told == told && is(state.confirmed.as_deref());
        state.outbox.forget_sent();
        if has_arrived {
            tracing::trace!(key = &*self.key, "the last change had arrived");
        } else if is_untouched {
            state.outbox.put(self.settings.ids.next());
        } else {
            tracing::warn!(
                key = &*self.key,
                "a change that was made without a connection is given up: the server's value has changed meanwhile"
            );
            state.outbox.give_up();
        }
    }

    /// Tells the server of each change, until the connection ends.
    pub(super) async fn keep_telling(&self, peer: Peer) {
        self.lock().outbox.connect(peer);
        let _connected = Connected(self);
        loop {
            let Some((id, call)) = self.next_call() else {
                self.changed.notified().await;
                continue;
            };
            let name = SetState::<T>::NAME;
            let reply = call.await;
            match reply.and_then(|reply| reply.read(name, Encoding::StructuredClone)) {
                Ok(IgnoredAny) => self.answered(&id, true),
                Err(CallError::Disconnected(_) | CallError::Unauthorized(_)) => return,
                Err(error) => {
                    self.warn_of(&error);
                    self.answered(&id, false);
                }
            }
        }
    }

    /// Tells the server of the last change, and returns the next call whose answer is to be waited for.
    fn next_call(&self) -> Option<(SyncId, Exchange)> {
        let mut state = self.lock();
        self.tell(&mut state);
        state.outbox.next_call()
    }
}
