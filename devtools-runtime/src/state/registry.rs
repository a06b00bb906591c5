//! The shared states of a context.

use std::fmt;
use std::hash::RandomState;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::function::is_scoped_or_reserved;
use crate::peer::Limits;
use crate::state::entries::{Entries, Found, Kind, Origin};
use crate::state::error::Refused;
use crate::state::server::{AnyState, Common, ServerState};
use crate::state::sync_ids::SyncIdSource;
use crate::state::{
    KeptFor, OwnState, Resolve, SharedState, SharedStateError, SharedValue, StateOptions, text,
};
use crate::wire::js;

/// The states of a context, and who hears of them.
pub struct States {
    pub(super) common: Arc<Common>,
    pub(super) bounds: Bounds,
    pub(super) own: &'static [OwnState],
    pub(super) resolve: Box<dyn Resolve>,
    /// The lock is held for operations of maps.
    entries: Mutex<Entries>,
    /// Whoever puts a state in holds this, so that nobody hears of a state that another one takes the place of.
    making: Mutex<()>,
    added: Mutex<Vec<Listener>>,
}

/// How many there may be; see the fields of [`Limits`] of the same name.
pub(super) struct Bounds {
    pub(super) states: usize,
    pub(super) settings: usize,
    pub(super) session_states: usize,
    pub(super) state_subscriptions: usize,
}

/// A function that is called with the key of a new state.
type Listener = Arc<dyn Fn(&str) + Send + Sync>;

impl States {
    pub(crate) fn new(
        limits: &Limits,
        resolve: Box<dyn Resolve>,
        own: &'static [OwnState],
    ) -> Self {
        let common = Common {
            ids: SyncIdSource::new(),
            hasher: RandomState::new(),
            state_bytes: limits.state_bytes,
            frame_bytes: limits.frame_bytes,
            patch_moves: limits.patch_moves,
        };
        Self {
            common: Arc::new(common),
            bounds: Bounds {
                states: limits.states,
                settings: limits.settings,
                session_states: limits.session_states,
                state_subscriptions: limits.state_subscriptions,
            },
            own,
            resolve,
            entries: Mutex::default(),
            making: Mutex::default(),
            added: Mutex::default(),
        }
    }

    /// The state of this key, made with `initial` if there is none.
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

    /// As [`open`](Self::open), for the runtime itself.
    pub(crate) fn open_own<T: SharedValue>(
        &self,
        key: &str,
        initial: T,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        loop {
            if let Some(found) = self.find(key) {
                if found.is_untyped {
                    return self.retype(key, &*found.state, Some(initial), options);
                }
                let state = typed::<T>(key, &found.state)?;
                self.claim(key);
                return Ok(SharedState::new(state));
            }
            let topic = self.lock().topic(key);
            let common = Arc::clone(&self.common);
            let state = Arc::new(ServerState::new(common, topic, initial.clone(), options)?);
            let any = Arc::clone(&state) as Arc<dyn AnyState>;
            if self.add(key, any, Origin::Program) {
                return Ok(SharedState::new(state));
            }
            // A client was faster.
        }
    }

    /// The state of this key, if there is one.
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
                self.retype(key, &*found.state, None, options).map(Some)
            }
            Err(error) => Err(error),
        }
    }

    /// The value of a state of any type, if there is one of this key.
    pub(crate) fn value(&self, key: &str) -> Option<js::Value> {
        self.find(key).map(|found| found.state.value())
    }

    /// Makes a state of `T` of one that a client has made, with its value if that is a `T` and clients may change it.
    fn retype<T: SharedValue>(
        &self,
        key: &str,
        untyped: &dyn AnyState,
        initial: Option<T>,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        let kept = if options.read_only {
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
        let state = ServerState::new(Arc::clone(&self.common), topic, value, options)?;
        let state = Arc::new(state);
        untyped.delete();
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.state = Arc::clone(&state) as Arc<dyn AnyState>;
            entry.origin = Origin::Program;
        }
        if !is_kept {
            let problem = if options.read_only {
                "a client had given a value to a shared state that is read-only for clients"
            } else {
                "the value that a client had given to a shared state is not of its type"
            };
            tracing::warn!(key, "{problem}");
            state.announce();
        }
        Ok(SharedState::new(state))
    }

    /// The keys, in the order in which the states were made.
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

    /// The states of the program, and what is known of their values; not those that only clients have made.
    #[cfg(feature = "typescript")]
    pub(crate) fn described(&self) -> Vec<(String, Option<crate::function::DescribeType>)> {
        let inner = self.lock();
        let states = inner.states.iter().filter(|(_, entry)| !entry.is_untyped());
        let described = states.map(|(key, entry)| (key.to_string(), entry.state.description()));
        described.collect()
    }

    /// Sees that what is kept outside is up to date. It may block.
    pub(crate) fn store(&self) {
        self.resolve.store();
    }

    /// Forgets a state. `false` if there is none.
    pub(crate) fn delete(&self, key: &str) -> bool {
        let entry = {
            let mut inner = self.lock();
            let entry = inner.states.remove(key);
            inner.tidy(key);
            entry
        };
        if let Some(entry) = &entry {
            entry.state.delete();
        }
        entry.is_some()
    }

    /// Calls `listener` with the key of each state that is made from now on.
    pub(crate) fn on_key_added(&self, listener: impl Fn(&str) + Send + Sync + 'static) {
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        added.push(Arc::new(listener));
    }

    /// The state of this key. One that is kept outside is fetched.
    fn find(&self, key: &str) -> Option<Found> {
        let found = self.lock().find(key);
        found.or_else(|| self.fetch(key, Origin::Program))
    }

    /// As [`find`](Self::find), for a session: it may have only so many of those that are kept outside.
    pub(super) fn find_for(
        &self,
        key: &str,
        session: u64,
    ) -> Result<Option<Arc<dyn AnyState>>, Refused> {
        if let Some(found) = self.lock().find(key) {
            return Ok(Some(found.state));
        }
        let origin = match self.resolve.kept(key) {
            None => return Ok(None),
            Some(KeptFor::Own) => Origin::Program,
            Some(KeptFor::Named) => {
                self.make_room(session, Kind::Stored)?;
                Origin::Stored(Some(session))
            }
        };
        Ok(self.fetch(key, origin).map(|found| found.state))
    }

    /// Fetches a state that is kept outside.
    fn fetch(&self, key: &str, origin: Origin) -> Option<Found> {
        let stored = self.resolve.resolve(key)?;
        let topic = self.lock().topic(key);
        let (common, options) = (Arc::clone(&self.common), StateOptions::new());
        let state = ServerState::new(common, topic, stored.value, options).ok()?;
        let state = Arc::new(state);
        if self.add(key, Arc::clone(&state) as Arc<dyn AnyState>, origin) {
            (stored.keep)(SharedState::new(state));
        }
        self.lock().find(key)
    }

    /// Puts a state in, and says so. `false` if there is one of this key by now.
    fn add(&self, key: &str, state: Arc<dyn AnyState>, origin: Origin) -> bool {
        let making = self.making();
        let is_new = self.lock().insert(key, state, origin);
        drop(making);
        if is_new {
            self.tell_added(key);
        }
        is_new
    }

    pub(super) fn tell_added(&self, key: &str) {
        let listeners = self
            .added
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(key))).is_err() {
                tracing::warn!(key, "a listener panicked");
            }
        }
    }

    pub(super) fn making(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program has the state now, with the type that it has.
    fn claim(&self, key: &str) {
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.origin = Origin::Program;
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Entries> {
        // No critical section can leave the maps half changed.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}

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
