//! Synchronizing a replica with the server while there is a connection.

use std::ops::ControlFlow;

use serde::de::IgnoredAny;

use crate::function::{CallError, RpcFunction as _};
use crate::peer::{Exchange, Peer};
use crate::protocol::state::{GetState, SetState};
use crate::state::client::replica::{Freshness, Replica, ReplicaState};
use crate::state::patch;
use crate::state::shared_state::SharedValue;
use crate::state::sync_ids::SyncId;
use crate::state::text;
use crate::wire::{Encoding, js};

/// The number of requests for a value that the server keeps changing meanwhile.
pub(super) const ATTEMPTS: u32 = 8;

/// Removes the connection from a replica when it ends.
struct Connected<'a, T: SharedValue>(&'a Replica<T>);

impl<T: SharedValue> Drop for Connected<'_, T> {
    fn drop(&mut self) {
        let connection = self.0.lock().outbox.disconnect();
        // Dropped outside the lock.
        drop(connection);
    }
}

/// Requests the server's value. Returns `None` if the server has no such state.
pub(super) async fn get<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<T>, CallError> {
    let encoding = Encoding::StructuredClone;
    let reply = peer.ask(GetState::NAME, encoding, &(key,)).await?;
    if reply.is_undefined() {
        return Ok(None);
    }
    reply.read(GetState::NAME, encoding).map(Some)
}

/// Requests the server's value, as text.
async fn get_text<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<String>, CallError> {
    let value = get::<T>(peer, key).await?;
    Ok(value.and_then(|value| text::write(&value).ok()))
}

impl<T: SharedValue> Replica<T> {
    /// Reads the server's value over a new connection, and decides whether a change that was made without a connection is
    /// sent.
    pub(super) async fn catch_up(&self, peer: &Peer) {
        let (told, is_behind) = {
            let mut state = self.lock();
            state.freshness = Freshness::Stale;
            // A change from before the server's value was known is never discarded.
            let is_behind = state.outbox.is_pending() && state.confirmed.is_some();
            (state.told, is_behind)
        };
        let decide = |state: &mut ReplicaState, server: Option<&str>| {
            if is_behind {
                self.decide(state, told, server);
            }
        };
        // Without a connection, no value can be requested.
        let _ = self.refresh(peer, decide).await;
    }

    /// Requests the server's value and stores it. Calls `decide` with the value before it is stored.
    ///
    /// A change that the server sends meanwhile is ignored, because the answer may contain it, and the value is requested
    /// again. A reply arrives after the changes that were sent before it ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)), so the answer almost always contains them,
    /// and after a few attempts it is stored: a state that changes all the time must not keep its client waiting. Breaks if
    /// the connection is lost.
    async fn refresh(
        &self,
        peer: &Peer,
        decide: impl FnOnce(&mut ReplicaState, Option<&str>),
    ) -> ControlFlow<()> {
        for attempt in 1.. {
            let told = {
                let mut state = self.lock();
                state.freshness = Freshness::Asking(0);
                state.told
            };
            let answer = match &self.initial {
                None => get_text::<T>(peer, &self.key).await,
                Some(_) => get_text::<js::Value>(peer, &self.key).await,
            };
            let mut state = self.lock();
            let is_sure = !matches!(state.freshness, Freshness::Asking(1..));
            if answer.is_ok() && !is_sure && attempt < ATTEMPTS {
                continue;
            }
            let server = match answer {
                Ok(server) => server,
                Err(CallError::Disconnected(_)) => return ControlFlow::Break(()),
                Err(error) => {
                    tracing::warn!(
                        key = &*self.key,
                        error = &error as &dyn std::error::Error,
                        "a shared state could not be read"
                    );
                    // It is requested again when the server sends the next change.
                    state.freshness = Freshness::Asking(0);
                    None
                }
            };
            // A value that the server sent meanwhile is newer than the answer.
            let server = if state.told == told {
                server
            } else {
                state.confirmed.clone()
            };
            decide(&mut state, server.as_deref());
            if server.is_some() {
                state.freshness = Freshness::Fresh;
                state.confirmed = server;
                self.settle(&mut state);
            }
            if state.outbox.has_unsent() {
                self.changed.notify_one();
            }
            break;
        }
        ControlFlow::Continue(())
    }

    /// Sends a change again that was made without a connection. Discards it if it has arrived before, or if the server's
    /// value has changed meanwhile.
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
                "a change that was made without a connection is discarded: the server's value has changed meanwhile"
            );
            state.outbox.give_up();
        }
    }

    /// Sends each change to the server, until the connection ends.
    pub(super) async fn keep_telling(&self, peer: Peer) {
        self.lock().outbox.connect(peer.clone());
        let _connected = Connected(self);
        loop {
            let Some((id, call)) = self.next_call() else {
                if !self.is_stale() {
                    self.changed.notified().await;
                } else if self.refresh(&peer, |_, _| ()).await.is_break() {
                    return;
                }
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

    fn is_stale(&self) -> bool {
        matches!(
            self.lock().freshness,
            Freshness::Stale | Freshness::Asking(1..)
        )
    }

    /// Sends the last change to the server, and returns the next call whose answer must be awaited.
    fn next_call(&self) -> Option<(SyncId, Exchange)> {
        let mut state = self.lock();
        self.tell(&mut state);
        state.outbox.next_call()
    }
}
