//! The shared states of a context.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::function::{Outcome, ReplyTo, is_scoped_or_reserved, read};
use crate::peer::{Limits, Peer};
use crate::protocol::state::{GetState, SubscribeState};
use crate::state::error::Refused;
use crate::state::server::{AnyState, Common, ServerState};
use crate::state::sync_ids::SyncIdSource;
use crate::state::topic::Topic;
use crate::state::{SharedState, SharedStateError, SharedValue, text};
use crate::wire::{Encoding, Payload, js};

/// How long a key may be that a client brings, in bytes.
const KEY_BYTES: usize = 1024;

/// How a shared state is kept.
///
/// ```
/// # use devtools_runtime::{DevToolsContext, SharedStateError, StateOptions};
/// # fn example(ctx: &DevToolsContext) -> Result<(), SharedStateError> {
/// let log = ctx.rpc().shared_states().create("my-plugin:log", Vec::<String>::new(), StateOptions::new().patches())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateOptions {
    pub(crate) patches: bool,
}

impl StateOptions {
    /// The defaults: clients are told the whole value of each change.
    #[must_use]
    pub const fn new() -> Self {
        Self { patches: false }
    }

    /// Tells clients of a change by the program what is different, and not the whole value: for states that are large
    /// and change in small places. Changes by clients are told as a whole all the same (`protocol.md` 7).
    ///
    /// What clients read of a patch are JavaScript numbers: integers beyond 2^53 are rounded.
    #[must_use]
    pub const fn patches(self) -> Self {
        Self { patches: true }
    }
}

/// Where the states come from that are kept outside of the program.
pub(crate) trait Resolve: Send + Sync {
    /// Sees that what was changed is kept. It may block.
    fn store(&self);

    /// What is kept under this key; `None` if it is a key like any other.
    fn resolve(&self, key: &str) -> Option<Stored>;
}

/// A state that is kept outside of the program.
pub(crate) struct Stored {
    pub(crate) value: js::Value,
    /// Called with the state once it is there, to keep it from now on.
    pub(crate) keep: Box<dyn FnOnce(SharedState<js::Value>) + Send>,
}

/// The states of a context, and who hears of them.
pub struct States {
    common: Arc<Common>,
    /// How many there may be, if a client is to make another.
    limit: usize,
    /// How many keys a session may subscribe to.
    subscriptions: usize,
    resolve: Box<dyn Resolve>,
    /// The lock is held for operations of maps.
    inner: Mutex<Inner>,
    /// Whoever puts a state in holds this, so that nobody hears of a state that another one takes the place of.
    making: Mutex<()>,
    added: Mutex<Vec<Listener>>,
}

/// What is called with the key of a new state.
type Listener = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct Inner {
    states: HashMap<Box<str>, Entry>,
    topics: HashMap<Box<str>, Arc<Topic>>,
    /// The topics of each session.
    subscriptions: HashMap<u64, Vec<Arc<Topic>>>,
    /// How many states there ever were.
    made: u64,
}

struct Entry {
    state: Arc<dyn AnyState>,
    /// In which order the states were made.
    number: u64,
    /// Whether a client has made it, so that the program has not said yet what type it is.
    untyped: bool,
}

impl States {
    pub(crate) fn new(limits: &Limits, resolve: Box<dyn Resolve>) -> Self {
        let common = Common {
            ids: SyncIdSource::new(),
            state_bytes: limits.state_bytes,
            frame_bytes: limits.frame_bytes,
        };
        Self {
            common: Arc::new(common),
            limit: limits.states,
            subscriptions: limits.state_subscriptions,
            resolve,
            inner: Mutex::default(),
            making: Mutex::default(),
            added: Mutex::default(),
        }
    }

    // ---- the program's side ----

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
        loop {
            if let Some((state, untyped)) = self.find(key) {
                return match typed::<T>(key, &state) {
                    Ok(state) => {
                        self.claim(key);
                        Ok(SharedState::new(state))
                    }
                    Err(_) if untyped => self.retype(key, &*state, Some(initial), options),
                    Err(error) => Err(error),
                };
            }
            let topic = self.lock().topic(key);
            let common = Arc::clone(&self.common);
            let state = ServerState::new(common, topic, initial.clone(), options.patches)?;
            let state = Arc::new(state);
            if self.add(key, Arc::clone(&state) as Arc<dyn AnyState>) {
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
        let Some((state, untyped)) = self.find(key) else {
            return Ok(None);
        };
        match typed::<T>(key, &state) {
            Ok(state) => {
                self.claim(key);
                Ok(Some(SharedState::new(state)))
            }
            Err(_) if untyped => {
                let options = StateOptions::new();
                self.retype(key, &*state, None, options).map(Some)
            }
            Err(error) => Err(error),
        }
    }

    /// The value of a state of any type, if there is one of this key.
    pub(crate) fn value(&self, key: &str) -> Option<js::Value> {
        self.find(key).map(|(state, _)| state.value())
    }

    /// Makes a state of `T` of one that a client has made, with its value if that is a `T`.
    fn retype<T: SharedValue>(
        &self,
        key: &str,
        untyped: &dyn AnyState,
        initial: Option<T>,
        options: StateOptions,
    ) -> Result<SharedState<T>, SharedStateError> {
        let value = untyped.value();
        let kept = text::write(&value)
            .ok()
            .and_then(|text| text::read(&text).ok());
        let fits = kept.is_some();
        let Some(value) = kept.or(initial) else {
            return Err(other_type::<T>(key, untyped));
        };
        let topic = self.lock().topic(key);
        let state = ServerState::new(Arc::clone(&self.common), topic, value, options.patches)?;
        let state = Arc::new(state);
        untyped.delete();
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.state = Arc::clone(&state) as Arc<dyn AnyState>;
            entry.untyped = false;
        }
        if !fits {
            tracing::warn!(
                key,
                "what a client had made of a shared state is no value of its type"
            );
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
        let states = inner.states.iter().filter(|(_, entry)| !entry.untyped);
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

    // ---- the clients' side ----

    /// Has a session hear of a state, whether there is one or not.
    pub(crate) fn subscribe(
        &self,
        arguments: Payload<'_>,
        session: u64,
        peer: &Peer,
    ) -> Result<(), Refused> {
        let (key,) = read::<SubscribeState>(arguments)?;
        let key = checked(&key)?;
        self.find(key);
        let mut inner = self.lock();
        let topic = inner.topic(key);
        if topic.has(session) {
            return Ok(());
        }
        let limit = self.subscriptions;
        let subscriptions = inner.subscriptions.entry(session).or_default();
        if subscriptions.len() >= limit {
            inner.tidy(key);
            return Err(Refused::TooManySubscriptions { limit });
        }
        topic.subscribe(session, peer);
        subscriptions.push(topic);
        Ok(())
    }

    /// Forgets a session, which has ended.
    pub(crate) fn forget(&self, session: u64) {
        let mut inner = self.lock();
        for topic in inner.subscriptions.remove(&session).unwrap_or_default() {
            if !topic.unsubscribe(session) {
                inner.tidy(&topic.key);
            }
        }
    }

    /// The reply with the value of a state: `undefined`, if there is none.
    pub(crate) fn reply(
        &self,
        arguments: Payload<'_>,
        reply: &ReplyTo,
    ) -> Result<Outcome, Refused> {
        let (key,) = read::<GetState>(arguments)?;
        Ok(match self.find(&key) {
            Some((state, _)) => state.reply(reply),
            None => reply.undefined(Encoding::StructuredClone),
        })
    }

    /// Replaces the value of a state, and makes it if there is none.
    pub(crate) fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (key,) = read::<GetState>(arguments)?;
        let key = checked(&key)?;
        match self.find(key) {
            Some((state, _)) => state.set(arguments, session),
            None => self.make(key, arguments, session),
        }
    }

    /// Makes a state of what a client brings, unless somebody else has been faster.
    fn make(&self, key: &str, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let making = self.making();
        let found = self
            .lock()
            .states
            .get(key)
            .map(|entry| Arc::clone(&entry.state));
        if let Some(state) = found {
            drop(making);
            return state.set(arguments, session);
        }
        let limit = self.limit;
        if self.lock().states.len() >= limit {
            return Err(Refused::TooMany { limit });
        }
        // As if it had been there: what it is before matters to nobody.
        let topic = self.lock().topic(key);
        let common = Arc::clone(&self.common);
        let state = Arc::new(ServerState::new(
            common,
            topic,
            js::Value::Undefined,
            false,
        )?);
        let made = state.set(arguments, session);
        if made.is_err() {
            self.lock().tidy(key);
            return made;
        }
        self.lock().insert(key, state, true);
        drop(making);
        self.tell_added(key);
        Ok(())
    }

    /// Changes parts of a state, if there is one.
    pub(crate) fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (key,) = read::<GetState>(arguments)?;
        match self.find(&key) {
            Some((state, _)) => state.patch(arguments, session),
            None => Ok(()),
        }
    }

    // ---- both ----

    /// The state of this key, and whether its type is not known yet. One that is kept outside is fetched.
    fn find(&self, key: &str) -> Option<(Arc<dyn AnyState>, bool)> {
        let found = || {
            let inner = self.lock();
            let entry = inner.states.get(key)?;
            Some((Arc::clone(&entry.state), entry.untyped))
        };
        if let Some(found) = found() {
            return Some(found);
        }
        // Clients name what is fetched.
        if self.lock().states.len() >= self.limit {
            return None;
        }
        let stored = self.resolve.resolve(key)?;
        let topic = self.lock().topic(key);
        let state = ServerState::new(Arc::clone(&self.common), topic, stored.value, false).ok()?;
        let state = Arc::new(state);
        if self.add(key, Arc::clone(&state) as Arc<dyn AnyState>) {
            (stored.keep)(SharedState::new(state));
        }
        found()
    }

    /// Puts a state in, and says so. `false` if there is one of this key by now.
    fn add(&self, key: &str, state: Arc<dyn AnyState>) -> bool {
        let making = self.making();
        let is_new = self.lock().insert(key, state, false);
        drop(making);
        if is_new {
            self.tell_added(key);
        }
        is_new
    }

    fn tell_added(&self, key: &str) {
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

    fn making(&self) -> MutexGuard<'_, ()> {
        self.making.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program has the state now, with the type that it has.
    fn claim(&self, key: &str) {
        if let Some(entry) = self.lock().states.get_mut(key) {
            entry.untyped = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No critical section can leave the maps half changed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn topic(&mut self, key: &str) -> Arc<Topic> {
        if let Some(topic) = self.topics.get(key) {
            return Arc::clone(topic);
        }
        let topic = Arc::new(Topic::new(key));
        self.topics.insert(key.into(), Arc::clone(&topic));
        topic
    }

    /// Puts a state in. `false` if there is one of this key.
    fn insert(&mut self, key: &str, state: Arc<dyn AnyState>, untyped: bool) -> bool {
        if self.states.contains_key(key) {
            return false;
        }
        self.made += 1;
        let entry = Entry {
            state,
            number: self.made,
            untyped,
        };
        self.states.insert(key.into(), entry);
        true
    }

    /// Forgets the topic of a key if there is neither a state nor anybody who waits for one.
    fn tidy(&mut self, key: &str) {
        let is_idle = self.topics.get(key).is_some_and(|topic| topic.is_empty());
        if is_idle && !self.states.contains_key(key) {
            self.topics.remove(key);
        }
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}

/// A key that a client brings.
fn checked(key: &str) -> Result<&str, Refused> {
    if key.len() > KEY_BYTES {
        let (what, limit) = ("key", KEY_BYTES);
        return Err(Refused::TooLong { what, limit });
    }
    Ok(key)
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
