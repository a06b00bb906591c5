//! The client's copy of a state: its value, the value that the server has confirmed, and the server's messages.
//!
//! The server decides the order of changes, and its last message counts ([`ReplicaState::confirmed`]). A change of the
//! client is visible at once, and pending until the server has confirmed it. While it is pending, changes of others are
//! noted and not shown, because the client's own change comes after them. If a message cannot be applied, the server is
//! asked for the whole value ([`Standing`]).

use std::sync::{Arc, MutexGuard};

use tokio::sync::{Notify, watch};

use crate::function::{BoxError, CallError, RpcFunction as _, read};
use crate::mutex::Mutex;
use crate::protocol::state::{Patch, SetState, StatePatched, StateUpdated};
use crate::state::client::outbox::Outbox;
use crate::state::client::standing::Standing;
use crate::state::error::{MutateError, SyncError};
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
    /// Notified when the server sends a change and the copy is doubtful.
    pub(super) doubted: Notify,
    /// The reason for which the value may differ from the server's.
    errors: watch::Sender<Option<Arc<SyncError>>>,
}

pub(super) struct ReplicaState {
    /// The value, as structured-clone text.
    text: String,
    /// The server's last value; `None` if it has told none.
    pub(super) confirmed: Option<String>,
    pub(super) outbox: Outbox,
    /// The changes that the server has confirmed.
    known: SyncIds,
    /// Whether `confirmed` is still the server's value.
    pub(super) standing: Standing,
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
        let mut replica = Self::new(key, settings, initial, text);
        replica.initial = Some(any);
        Ok(replica)
    }

    /// Creates a replica with the server's value.
    pub(super) fn confirmed(
        key: &str,
        settings: Arc<ReplicaSettings>,
        value: T,
        standing: Standing,
    ) -> Result<Self, MutateError> {
        let text = encode(key, &value, usize::MAX)?;
        let replica = Self::new(key, settings, value, text.clone());
        {
            let mut state = replica.lock();
            state.confirmed = Some(text);
            state.standing = standing;
        }
        Ok(replica)
    }

    fn new(key: &str, settings: Arc<ReplicaSettings>, value: T, text: String) -> Self {
        Self {
            key: key.into(),
            settings,
            initial: None,
            values: watch::Sender::new(Arc::new(value)),
            state: Mutex::new(ReplicaState {
                text,
                confirmed: None,
                outbox: Outbox::default(),
                known: SyncIds::default(),
                standing: Standing::InStep,
            }),
            changed: Notify::new(),
            doubted: Notify::new(),
            errors: watch::Sender::new(None),
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
            self.settle_and_report(state);
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
            state.standing.note_left_out();
        }
        self.settle_and_report(&mut state);
    }

    /// Takes in a value that the server sends: the arguments of [`StateUpdated`].
    pub(super) fn updated(&self, arguments: Payload<'_>) {
        let sent = match &self.initial {
            None => read::<StateUpdated<T>>(arguments)
                .map_err(BoxError::from)
                .and_then(|(_, value, id)| Ok((text::write(&value)?, id))),
            Some(_) => read::<StateUpdated<js::Value>>(arguments)
                .map_err(BoxError::from)
                .and_then(|(_, value, id)| Ok((text::write(&value)?, id))),
        };
        let mut state = self.lock();
        match sent {
            Ok((text, id)) => {
                let Some(id) = self.unknown(&state, id) else {
                    return;
                };
                state.standing = Standing::InStep;
                if let Err(error) = self.take_sent(&mut state, &id, text) {
                    self.report(error);
                }
            }
            Err(error) => self.doubt(&mut state, self.misfit(error)),
        }
    }

    /// Takes in a change that the server sends: the arguments of [`StatePatched`].
    pub(super) fn patched(&self, arguments: Payload<'_>) {
        let sent = read::<StatePatched>(arguments);
        let mut state = self.lock();
        let (patches, id) = match sent {
            Ok((_, patches, id)) => (patches, id),
            Err(error) => return self.doubt(&mut state, self.misfit(error)),
        };
        let Some(id) = self.unknown(&state, id) else {
            return;
        };
        match state.standing {
            Standing::InStep => {}
            Standing::Doubtful => self.doubted.notify_one(),
            Standing::Asked { .. } => {
                state.standing.note_left_out();
                return;
            }
        }
        match self.patch(state.confirmed.as_deref(), &patches) {
            Ok(text) => {
                if let Err(error) = self.take_sent(&mut state, &id, text) {
                    self.doubt(&mut state, error);
                }
            }
            Err(error) => self.doubt(&mut state, self.misfit(error)),
        }
    }

    /// Returns the confirmed value with these patches.
    fn patch(&self, confirmed: Option<&str>, patches: &[Patch]) -> Result<String, BoxError> {
        let mut value = text::any(confirmed.ok_or("the value before the change is not known")?);
        let moves = Moves::new(self.settings.patch_moves);
        patch::apply(&mut value, patches, moves)?;
        Ok(text::write(&value)?)
    }

    /// Returns the id of a change that the server sends, unless the change is known.
    fn unknown(&self, state: &ReplicaState, id: Option<String>) -> Option<SyncId> {
        let id: SyncId = id.map_or_else(|| self.settings.ids.next(), SyncId::from);
        (!state.known.contains(&id)).then_some(id)
    }

    /// Takes the value that the server has after the change `id`.
    fn take_sent(
        &self,
        state: &mut ReplicaState,
        id: &SyncId,
        text: String,
    ) -> Result<(), SyncError> {
        state.known.remember(id);
        state.outbox.told_back(id);
        state.confirmed = Some(text);
        self.settle(state)
    }

    fn misfit(&self, source: impl Into<BoxError>) -> SyncError {
        let (key, source) = (self.key.to_string(), source.into());
        SyncError::Change { key, source }
    }

    /// Notes that the copy may differ from the server's value, so that the server is asked for it.
    pub(super) fn doubt(&self, state: &mut ReplicaState, error: SyncError) {
        if !state.standing.note_left_out() {
            state.standing = Standing::Doubtful;
        }
        self.doubted.notify_one();
        self.report(error);
    }

    /// Shows the program an error, and logs it if it is the first since the value was last in step.
    pub(super) fn report(&self, error: SyncError) {
        let error = Arc::new(error);
        if self.errors.send_replace(Some(Arc::clone(&error))).is_none() {
            tracing::warn!(
                key = &*self.key,
                error = &*error as &dyn std::error::Error,
                "a shared state may differ from the server's"
            );
        }
    }

    /// Takes the server's value, unless a change of the client's own comes after it.
    fn settle(&self, state: &mut ReplicaState) -> Result<(), SyncError> {
        let Some(confirmed) = state
            .confirmed
            .as_ref()
            .filter(|_| !state.outbox.is_pending())
        else {
            return Ok(());
        };
        if *confirmed != state.text {
            let (value, text) = self.value_of(confirmed).map_err(|source| {
                let (key, wanted) = (self.key.to_string(), std::any::type_name::<T>());
                SyncError::Type {
                    key,
                    wanted,
                    source,
                }
            })?;
            if text != state.text {
                state.text = text;
                self.values.send_replace(Arc::new(value));
            }
        }
        if state.standing == Standing::InStep {
            self.errors.send_if_modified(|error| error.take().is_some());
        }
        Ok(())
    }

    /// Takes the server's value as [`settle`](Self::settle) does, and reports an error.
    pub(super) fn settle_and_report(&self, state: &mut ReplicaState) {
        if let Err(error) = self.settle(state) {
            self.report(error);
        }
    }

    /// Returns the value, and its text, that the client has if this is the server's value. The initial value adds the
    /// properties that the server's value lacks.
    fn value_of(&self, confirmed: &str) -> Result<(T, String), BoxError> {
        let merged = match &self.initial {
            None => None,
            Some(initial) => Some(text::write(&patch::merge(initial, text::any(confirmed)))?),
        };
        let value: T = text::read(merged.as_deref().unwrap_or(confirmed))?;
        let text = text::write(&value)?;
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
        self.state.lock()
    }
}

impl<T: SharedValue> Backend<T> for Replica<T> {
    fn key(&self) -> &str {
        &self.key
    }

    fn values(&self) -> &watch::Sender<Arc<T>> {
        &self.values
    }

    fn sync_errors(&self) -> watch::Receiver<Option<Arc<SyncError>>> {
        self.errors.subscribe()
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
