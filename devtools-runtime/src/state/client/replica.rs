//! The client's copy of a state: its value, what the server has confirmed, and what the server tells.
//!
//! The server decides the order of changes: its last word counts ([`ReplicaState::confirmed`]). A change of the client is
//! visible at once, and pending until the server has confirmed it. While it is pending, changes of others are noted and
//! not shown, because the client's own change comes after them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::function::{CallError, RpcFunction as _, read};
use crate::protocol::state::{SetState, StatePatched, StateUpdated};
use crate::state::client::outbox::Outbox;
use crate::state::error::MutateError;
use crate::state::patch::{self, Moves};
use crate::state::shared_state::{Backend, SharedValue};
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds};
use crate::state::text::{self, encode};
use crate::wire::{Encoding, Payload, js};

/// What the states of a client share.
pub(super) struct ReplicaSettings {
    pub(super) ids: SyncIdSource,
    pub(super) frame_bytes: usize,
    pub(super) patch_moves: usize,
    /// Whether there is a server that can be told. A dump cannot.
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
    /// Notified when there is a change to be sent.
    pub(super) changed: Notify,
}

pub(super) struct ReplicaState {
    /// The value, as structured-clone text.
    text: String,
    /// The server's last value; `None` if it has told none.
    pub(super) confirmed: Option<String>,
    pub(super) outbox: Outbox,
    /// The changes that the server has confirmed.
    known: SyncIds,
    /// How often the server has told a value or a change.
    pub(super) told: u64,
}

impl<T: SharedValue> Replica<T> {
    /// Creates a replica with a value of the client's own.
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
            }),
            changed: Notify::new(),
        }
    }

    /// Tells the server of the last change, if there is a connection. The request is queued at once, so that the calls of
    /// the program that follow its change arrive after it.
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
            "a change of a shared state is taken back"
        );
    }

    /// Notes the answer of the server to a change, which it has made or refused.
    pub(super) fn answered(&self, id: &SyncId, is_made: bool) {
        let mut state = self.lock();
        let Some(text) = state.outbox.answered(id) else {
            return;
        };
        if is_made {
            state.known.remember(id);
            state.confirmed = Some(text);
        }
        self.settle(&mut state);
    }

    /// Takes in a value that the server tells: the arguments of [`StateUpdated`].
    pub(super) fn updated(&self, arguments: Payload<'_>) {
        let told = match &self.initial {
            None => {
                read::<StateUpdated<T>>(arguments).map(|(_, value, id)| (text::write(&value), id))
            }
            Some(_) => read::<StateUpdated<js::Value>>(arguments)
                .map(|(_, value, id)| (text::write(&value), id)),
        };
        match told {
            Ok((Ok(text), id)) => self.told(id, |_| Some(text)),
            Ok((Err(error), _)) => self.warn_of_server(&error),
            Err(error) => self.warn_of_server(&error),
        }
    }

    fn warn_of_server(&self, error: &dyn std::fmt::Display) {
        tracing::warn!(key = &*self.key, %error, "what the server says of a shared state cannot be read");
    }

    /// Takes in a change that the server tells: the arguments of [`StatePatched`].
    pub(super) fn patched(&self, arguments: Payload<'_>) {
        let (patches, id) = match read::<StatePatched>(arguments) {
            Ok((_, patches, id)) => (patches, id),
            Err(error) => return self.warn_of_server(&error),
        };
        self.told(id, |confirmed| {
            let mut value = text::any(confirmed?);
            patch::apply(&mut value, &patches, Moves::new(self.settings.patch_moves))
                .inspect_err(|error| tracing::warn!(key = &*self.key, %error, "what the server says of a shared state does not fit it"))
                .ok()?;
            text::write(&value).ok()
        });
    }

    /// Takes the value that the server has after the change `id`. `value` makes it of the value before.
    fn told(&self, id: Option<String>, value: impl FnOnce(Option<&str>) -> Option<String>) {
        let id: SyncId = id.map_or_else(|| self.settings.ids.next(), SyncId::from);
        let mut state = self.lock();
        if state.known.contains(&id) {
            return;
        }
        let Some(text) = value(state.confirmed.as_deref()) else {
            return;
        };
        state.known.remember(&id);
        state.told += 1;
        state.outbox.told_back(&id);
        state.confirmed = Some(text);
        self.settle(&mut state);
    }

    /// Takes the server's value, unless a change of the client's own comes after it.
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
                "what the server says of a shared state is not of its type"
            ),
        }
    }

    /// Returns the client's value where this is the server's, and its text.
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

    /// Takes a value of the client's own, and tells the server.
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
