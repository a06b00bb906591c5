//! The client's copy of a state: its value, the value that the server has confirmed, and the server's messages.
//!
//! The server decides the order of changes, and its last message counts ([`ReplicaState::confirmed`]). A change of the
//! client is visible at once, and pending until the server has confirmed it. While it is pending, changes of others are
//! stored but not shown, because the client's own change comes after them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::function::{CallError, RpcFunction as _, read};
use crate::protocol::state::{Patch, SetState, StatePatched, StateUpdated};
use crate::state::client::outbox::Outbox;
use crate::state::error::MutateError;
use crate::state::patch::{self, Moves};
use crate::state::shared_state::{Backend, SharedValue};
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds};
use crate::state::text::{self, encode};
use crate::wire::{Encoding, Payload, js};

/// The settings that all states of a client share.
pub(super) struct ReplicaSettings {
    pub(super) ids: SyncIdSource,
    pub(super) frame_bytes: usize,
    pub(super) patch_moves: usize,
    /// Whether there is a server that accepts changes. A dump does not.
    pub(super) is_live: bool,
}

/// The client's copy of a state.
pub(super) struct Replica<T> {
    pub(super) key: Box<str>,
    pub(super) settings: Arc<ReplicaSettings>,
    /// The client's initial value, which the server's value completes ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
    pub(super) initial: Option<js::Value>,
    values: watch::Sender<Arc<T>>,
    state: Mutex<ReplicaState>,
    /// Notified when there is a change to send.
    pub(super) changed: Notify,
}

pub(super) struct ReplicaState {
    /// The value, as structured-clone text.
    text: String,
    /// The server's last value; `None` if it has sent none.
    pub(super) confirmed: Option<String>,
    pub(super) outbox: Outbox,
    /// The changes that the server has confirmed.
    known: SyncIds,
    /// The number of values and changes that the server has sent.
    pub(super) told: u64,
    pub(super) freshness: Freshness,
}

/// Tells whether the server's changes can be applied to the confirmed value.
///
/// They cannot be applied after a reconnect, because changes may have been missed, or after a change that did not fit. From
/// then on changes are ignored, until the server has sent the whole value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// The confirmed value is the server's value.
    Fresh,
    /// The value must be requested from the server.
    Stale,
    /// The value was requested, and the server has sent this many changes since.
    Asking(u64),
}

impl<T: SharedValue> Replica<T> {
    /// Creates a replica with the client's initial value.
    pub(super) fn begun(
        key: &str,
        settings: Arc<ReplicaSettings>,
        initial: T,
    ) -> Result<Self, MutateError> {
        let text = encode(key, &initial, settings.frame_bytes)?;
        let any = text::any(&text);
        Ok(Self::new(key, settings, initial, text, Some(any), None))
    }

    /// Creates a replica with the server's value.
    pub(super) fn confirmed(
        key: &str,
        settings: Arc<ReplicaSettings>,
        value: T,
    ) -> Result<Self, MutateError> {
        let text = encode(key, &value, usize::MAX)?;
        let confirmed = Some(text.clone());
        Ok(Self::new(key, settings, value, text, None, confirmed))
    }

    fn new(
        key: &str,
        settings: Arc<ReplicaSettings>,
        value: T,
        text: String,
        initial: Option<js::Value>,
        confirmed: Option<String>,
    ) -> Self {
        Self {
            key: key.into(),
            settings,
            initial,
            values: watch::Sender::new(Arc::new(value)),
            state: Mutex::new(ReplicaState {
                text,
                confirmed,
                outbox: Outbox::default(),
                known: SyncIds::default(),
                told: 0,
                freshness: Freshness::Fresh,
            }),
            changed: Notify::new(),
        }
    }

    /// Sends the last change to the server, if there is a connection. The request is queued at once, so that later calls of
    /// the program arrive after it.
    pub(super) fn tell(&self, state: &mut ReplicaState) {
        let value = Arc::clone(&self.values.borrow());
        let sent = state.outbox.send(&state.text, |peer, id| {
            let arguments = (&*self.key, &*value, &**id);
            peer.ask_at_once(SetState::<T>::NAME, Encoding::StructuredClone, &arguments)
        });
        if let Err(error) = sent {
            self.warn_of(&error);
            self.settle(state);
        }
    }

    pub(super) fn warn_of(&self, error: &CallError) {
        let error = error as &dyn std::error::Error;
        tracing::warn!(
            key = &*self.key,
            error,
            "a change of a shared state was refused and is undone"
        );
    }

    /// Handles the answer of the server to a change, which it has accepted or refused.
    pub(super) fn answered(&self, id: &SyncId, is_made: bool) {
        let mut state = self.lock();
        let Some(text) = state.outbox.answered(id) else {
            return;
        };
        if is_made {
            state.known.remember(id);
            state.confirmed = Some(text);
            if state.freshness == Freshness::Stale {
                state.freshness = Freshness::Fresh;
            }
        }
        self.settle(&mut state);
    }

    /// Handles a value that the server sends: the arguments of [`StateUpdated`].
    pub(super) fn updated(&self, arguments: Payload<'_>) {
        let told = match &self.initial {
            None => {
                read::<StateUpdated<T>>(arguments).map(|(_, value, id)| (text::write(&value), id))
            }
            Some(_) => read::<StateUpdated<js::Value>>(arguments)
                .map(|(_, value, id)| (text::write(&value), id)),
        };
        match told {
            Ok((Ok(text), id)) => {
                let mut state = self.lock();
                if let Some(id) = self.news(&state, id) {
                    state.freshness = Freshness::Fresh;
                    self.told(&mut state, &id, text);
                }
            }
            Ok((Err(error), _)) => self.warn_of_server(&error),
            Err(error) => self.warn_of_server(&error),
        }
    }

    fn warn_of_server(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(key = &*self.key, %error, "a message of the server about a shared state cannot be used");
    }

    /// Handles a change that the server sends: the arguments of [`StatePatched`]. If it cannot be applied, the whole value
    /// is requested.
    pub(super) fn patched(&self, arguments: Payload<'_>) {
        let read = read::<StatePatched>(arguments);
        let mut state = self.lock();
        let (patches, id) = match read {
            Ok((_, patches, id)) => (patches, id),
            Err(error) => {
                self.warn_of_server(&error);
                return self.make_stale(&mut state);
            }
        };
        let Some(id) = self.news(&state, id) else {
            return;
        };
        if state.freshness != Freshness::Fresh {
            state.outbox.told_back(&id);
            return self.make_stale(&mut state);
        }
        match self.patch(state.confirmed.as_deref(), &patches) {
            Ok(text) => self.told(&mut state, &id, text),
            Err(error) => {
                self.warn_of_server(&error);
                self.make_stale(&mut state);
            }
        }
    }

    fn patch(&self, confirmed: Option<&str>, patches: &[Patch]) -> Result<String, String> {
        let mut value =
            text::any(confirmed.ok_or("the value that the change applies to is not known")?);
        let moves = Moves::new(self.settings.patch_moves);
        patch::apply(&mut value, patches, moves).map_err(|error| error.to_string())?;
        text::write(&value).map_err(|error| error.to_string())
    }

    /// Notes that a change of the server was ignored.
    fn make_stale(&self, state: &mut ReplicaState) {
        state.freshness = match state.freshness {
            Freshness::Fresh | Freshness::Stale => Freshness::Stale,
            Freshness::Asking(changes) => Freshness::Asking(changes + 1),
        };
        self.changed.notify_one();
    }

    /// Returns the id of a change that the server sends, unless it is known.
    fn news(&self, state: &ReplicaState, id: Option<String>) -> Option<SyncId> {
        let id: SyncId = id.map_or_else(|| self.settings.ids.next(), SyncId::from);
        (!state.known.contains(&id)).then_some(id)
    }

    /// Stores the value that the server has after the change `id`.
    fn told(&self, state: &mut ReplicaState, id: &SyncId, text: String) {
        state.known.remember(id);
        state.told += 1;
        state.outbox.told_back(id);
        state.confirmed = Some(text);
        self.settle(state);
    }

    /// Shows the server's value, unless a change of the client comes after it.
    pub(super) fn settle(&self, state: &mut ReplicaState) {
        let Some(confirmed) = state
            .confirmed
            .as_ref()
            .filter(|_| !state.outbox.is_pending())
        else {
            return;
        };
        if *confirmed == state.text {
            return;
        }
        match self.value_of(confirmed) {
            Ok((value, text)) => {
                if text != state.text {
                    state.text = text;
                    self.values.send_replace(Arc::new(value));
                }
            }
            Err(problem) => tracing::warn!(
                key = &*self.key,
                problem,
                "the server's value of a shared state is not of its type"
            ),
        }
    }

    /// Returns the client's value for a value of the server, and its text.
    fn value_of(&self, confirmed: &str) -> Result<(T, String), String> {
        let merged = match &self.initial {
            None => None,
            Some(initial) => {
                let value = patch::merge(initial, text::any(confirmed));
                Some(text::write(&value).map_err(|error| error.to_string())?)
            }
        };
        let text = merged.as_deref().unwrap_or(confirmed);
        let value: T = text::read(text).map_err(|error| error.to_string())?;
        let text = text::write(&value).map_err(|error| error.to_string())?;
        Ok((value, text))
    }

    /// Stores a new value of the client, and sends it to the server.
    fn take(&self, state: &mut ReplicaState, value: T) -> Result<(), MutateError> {
        let text = encode(&self.key, &value, self.settings.frame_bytes)?;
        if text == state.text {
            return Ok(());
        }
        state.text = text;
        self.values.send_replace(Arc::new(value));
        if self.settings.is_live {
            state.outbox.put(self.settings.ids.next());
            self.tell(state);
            self.changed.notify_one();
        }
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ReplicaState> {
        // A panic can only happen before the value is replaced.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: SharedValue> Backend<T> for Replica<T> {
    fn key(&self) -> &str {
        &self.key
    }

    fn values(&self) -> &watch::Sender<Arc<T>> {
        &self.values
    }

    fn mutate(&self, change: &mut dyn FnMut(&mut T)) -> Result<(), MutateError> {
        let mut state = self.lock();
        let mut value = T::clone(&self.values.borrow());
        change(&mut value);
        self.take(&mut state, value)
    }

    fn set(&self, value: T) -> Result<(), MutateError> {
        self.take(&mut self.lock(), value)
    }
}
