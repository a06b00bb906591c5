//! The shared states of a context by their keys: opening, finding and deleting them.

use std::hash::RandomState;
use std::sync::{Arc, MutexGuard};

use crate::function::is_scoped_or_reserved;
use crate::listeners::Listeners;
use crate::mutex::Mutex;
use crate::peer::Limits;
use crate::state::error::SharedStateError;
use crate::state::options::{OwnState, StateOptions};
use crate::state::server::entries::{FoundState, StateLimit, StateOrigin, StateTable};
use crate::state::server::refused::RefusedRequest;
use crate::state::server::state::{AnyState, ServerState, StateSettings};
use crate::state::server::store::{StateStore, StoreOwner};
use crate::state::shared_state::{SharedState, SharedValue};
use crate::state::sync_ids::SyncIdSource;
use crate::state::text;
use crate::wire::js;

/// The shared states of a context, and their subscribers.
pub struct States {
    pub(super) settings: Arc<StateSettings>,
    pub(super) bounds: ClientLimits,
    pub(super) own: &'static [OwnState],
    pub(super) store: Box<dyn StateStore>,
    /// The lock is held for map operations only.
    entries: Mutex<StateTable>,
    /// Locked while a state is added, so that no listener hears of a state that another one replaces.
    pub(super) making: Mutex<()>,
    /// The listeners for the keys of new states.
    pub(super) added: Listeners<str>,
}

/// The limits for clients. See the fields of [`Limits`] of the same names.
pub(super) struct ClientLimits {
    pub(super) states: usize,
    pub(super) settings: usize,
    pub(super) session_states: usize,
    pub(super) state_subscriptions: usize,
}

impl States {
    pub(crate) fn new(
        limits: &Limits,
        store: Box<dyn StateStore>,
        own: &'static [OwnState],
    ) -> Self {
        let settings = StateSettings {
            ids: SyncIdSource::new(),
            hasher: RandomState::new(),
            state_bytes: limits.state_bytes,
            frame_bytes: limits.frame_bytes,
            patch_moves: limits.patch_moves,
            link: std::sync::OnceLock::new(),
            #[cfg(feature = "inspector")]
            history: std::sync::OnceLock::new(),
        };
        Self {
            settings: Arc::new(settings),
            bounds: ClientLimits {
                states: limits.states,
                settings: limits.settings,
                session_states: limits.session_states,
                state_subscriptions: limits.state_subscriptions,
            },
            own,
            store,
            entries: Mutex::default(),
            making: Mutex::default(),
            added: Listeners::default(),
        }
    }

    /// Records all changes from now on. A second record is ignored.
    #[cfg(feature = "inspector")]
    pub(crate) fn record(&self, history: Arc<crate::state::server::history::StateHistory>) {
        let _ = self.settings.history.set(history); // the first one stays
    }

    /// Returns the record of changes, if there is one.
    #[cfg(feature = "inspector")]
    pub(crate) fn history(&self) -> Option<&Arc<crate::state::server::history::StateHistory>> {
        self.settings.history.get()
    }

    /// Opens the state of this key. Creates it with `initial` if it does not exist.
    pub(crate) fn open<T: SharedValue>(
        &self,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        if !is_scoped_or_reserved(key) {
            return Err(SharedStateError::Key(key.to_owned()));
        }
        if let Some(own) = self.own.iter().find(|own| own.key == key) {
            return Err(SharedStateError::Own {
                key: key.to_owned(),
                instead: own.instead,
            });
        }
        self.open_own(key, initial, options)
    }

    /// Does what [`open`](Self::open) does, for a state of the runtime.
    pub(crate) fn open_own<T: SharedValue>(
        &self,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        loop {
            if let Some(found) = self.find(key) {
                if found.is_untyped {
                    return self.retype(key, &found, Some(initial), options);
                }
                let state = typed::<T>(key, &found.state)?;
                self.claim(key);
                return Ok(SharedState::new(state));
            }
            let topic = self.lock().topic(key);
            let settings = Arc::clone(&self.settings);
            let state = Arc::new(ServerState::new(settings, topic, initial.clone(), options)?);
            let any = Arc::clone(&state) as Arc<dyn AnyState>;
            if self.add(key, any, StateOrigin::Program) {
                return Ok(SharedState::new(state));
            }
            // A client has created it meanwhile.
        }
    }

    /// Returns the state of this key, if there is one.
    pub(crate) fn get<T: SharedValue>(
        &self,
        key: &str,
    ) -> Result<Option<SharedState<T>>, SharedStateError> {
        let Some(found) = self.find(key) else {
            return Ok(None);
        };
        match typed::<T>(key, &found.state) {
            Ok(state) => {
                self.claim(key);
                Ok(Some(SharedState::new(state)))
            }
            Err(_) if found.is_untyped => {
                let options = StateOptions::new();
                self.retype(key, &found, None, options).map(Some)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the value of the state of this key, whatever its type. Returns `None` if there is no such state.
    pub(crate) fn value(&self, key: &str) -> Option<js::Value> {
        self.find(key).map(|found| found.state.value())
    }

    /// Turns a state that a client or another process has created into a state of `T`. It keeps its value if that is a `T`, unless it is the
    /// value of a client and clients may not change the state.
    fn retype<T: SharedValue>(
        &self,
        key: &str,
        found: &FoundState,
        initial: Option<T>,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        let untyped = &*found.state;
        let kept = if options.read_only && found.is_of_client {
            None
        } else {
            let text = text::write(&untyped.value()).ok();
            text.and_then(|text| text::read(&text).ok())
        };
        let is_kept = kept.is_some();
        let Some(value) = kept.or(initial) else {
            return Err(other_type::<T>(key, untyped));
        };
        let topic = self.lock().topic(key);
        let state = ServerState::new(Arc::clone(&self.settings), topic, value, options)?;
        let state = Arc::new(state);
        untyped.delete();
        // The value of another process is left alone, even if it cannot be read here.
        let is_unchanged = is_kept || !found.is_of_client;
        state.keep_order(untyped.take_order(), is_unchanged);
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.state = Arc::clone(&state) as Arc<dyn AnyState>;
            entry.origin = StateOrigin::Program;
        }
        if !is_kept {
            let problem = if !found.is_of_client {
                "the value of another process for a shared state is not of the type that it has here, and is skipped: do all processes run the same version?"
            } else if options.read_only {
                "the value of a client for a read-only shared state was replaced"
            } else {
                "the value of a client for a shared state is not of its type and was replaced"
            };
            tracing::warn!(key, "{problem}");
            state.announce();
            state.tell_link();
        }
        Ok(SharedState::new(state))
    }

    /// Returns the keys, in the order in which the states were created.
    pub(crate) fn keys(&self) -> Vec<String> {
        let inner = self.lock();
        let mut keys: Vec<_> = inner
            .states
            .iter()
            .map(|(key, entry)| (entry.number, key))
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key.to_string()).collect()
    }

    /// Returns the keys of the program's states, each with the description of its value, if it has one. States that only
    /// clients have created are left out.
    #[cfg(feature = "typescript")]
    pub(crate) fn described(&self) -> Vec<(String, Option<crate::function::DescribeType>)> {
        let inner = self.lock();
        let states = inner.states.iter().filter(|(_, entry)| !entry.is_untyped());
        let described = states.map(|(key, entry)| (key.to_string(), entry.state.description()));
        described.collect()
    }

    /// Stores the changes of states that outlive the program. May block.
    pub(crate) fn store(&self) {
        self.store.store();
    }

    /// Deletes a state. Returns `false` if there is none of this key.
    pub(crate) fn delete(&self, key: &str) -> bool {
        let entry = {
            let mut inner = self.lock();
            let entry = inner.states.remove(key);
            inner.tidy(key);
            entry
        };
        if let Some(entry) = &entry {
            self.end(key, &*entry.state);
        }
        entry.is_some()
    }

    /// Calls `listener` with the key of each state that is created from now on.
    pub(crate) fn on_key_added(&self, listener: impl Fn(&str) + Send + Sync + 'static) {
        self.added.add(listener);
    }

    /// Finds the state of this key. Loads it if it is stored.
    fn find(&self, key: &str) -> Option<FoundState> {
        let found = self.lock().find(key);
        found.or_else(|| self.load(key, StateOrigin::Program))
    }

    /// Does what [`find`](Self::find) does for a session, whose number of stored states is limited.
    pub(super) fn find_for(
        &self,
        key: &str,
        session: u64,
    ) -> Result<Option<Arc<dyn AnyState>>, RefusedRequest> {
        if let Some(found) = self.lock().find(key) {
            return Ok(Some(found.state));
        }
        let origin = match self.store.owner(key) {
            None => return Ok(None),
            Some(StoreOwner::Runtime) => StateOrigin::Program,
            Some(StoreOwner::Client) => {
                self.make_room(session, StateLimit::Stored)?;
                StateOrigin::Stored(Some(session))
            }
        };
        Ok(self.load(key, origin).map(|found| found.state))
    }

    /// Loads a stored state.
    fn load(&self, key: &str, origin: StateOrigin) -> Option<FoundState> {
        let stored = self.store.load(key)?;
        let topic = self.lock().topic(key);
        let options = StateOptions::new().per_process();
        let settings = Arc::clone(&self.settings);
        let state = ServerState::new(settings, topic, stored.value, options).ok()?;
        let state = Arc::new(state);
        if self.add(key, Arc::clone(&state) as Arc<dyn AnyState>, origin) {
            (stored.watch)(SharedState::new(state));
        }
        self.lock().find(key)
    }

    /// Adds a state, and calls the listeners. Returns `false` if another task has added one of this key meanwhile.
    pub(super) fn add(&self, key: &str, state: Arc<dyn AnyState>, origin: StateOrigin) -> bool {
        let making = self.making.lock();
        let is_new = self.lock().insert(key, state, origin);
        drop(making);
        if is_new {
            self.tell_link(key);
            self.added.notify(key);
        }
        is_new
    }

    /// Notes that the program has opened a state.
    fn claim(&self, key: &str) {
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.origin = StateOrigin::Program;
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, StateTable> {
        self.entries.lock()
    }
}

crate::debug_impl! { States as it [it.keys()] }

fn typed<T: SharedValue>(
    key: &str,
    state: &Arc<dyn AnyState>,
) -> Result<Arc<ServerState<T>>, SharedStateError> {
    let any = Arc::clone(state).into_any();
    any.downcast().map_err(|_| other_type::<T>(key, &**state))
}

fn other_type<T>(key: &str, state: &dyn AnyState) -> SharedStateError {
    SharedStateError::OtherType {
        key: key.to_owned(),
        is: state.type_name(),
        wanted: std::any::type_name::<T>(),
    }
}
