//! The shared states that a client has opened.
//!
//! Each is a copy of the server's value that is kept in step by a task of its own, over one connection after the
//! other. The server has the order: what it says last counts ([`Writer::confirmed`]). A change made here is seen here
//! at once, and on its way until the server has said it too; meanwhile what others have done is not looked at,
//! because the own change comes after it.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::IgnoredAny;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::function::{
    CallError, Delivery, Registry, RpcFunction, Started, protocol_function, read,
};
use crate::peer::{Exchange, Limits, Peer};
use crate::protocol::state::{GetState, SetState, StatePatched, StateUpdated, SubscribeState};
use crate::state::handle::Backend;
use crate::state::patch::Moves;
use crate::state::server::encode;
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds};
use crate::state::{MutateError, SharedState, SharedStateError, SharedValue, patch, text};
use crate::wire::{Encoding, Payload, js};

/// The states of a client.
pub struct ClientStates {
    common: Arc<Common>,
    /// The lock is held for operations of the map.
    slots: Mutex<HashMap<Box<str>, Arc<dyn AnySlot>>>,
    added: Notify,
}

/// How many changes of a state the server is told of before it has answered. Further ones become one.
const CALLS: usize = 16;

/// What the states of a client have in common.
struct Common {
    ids: SyncIdSource,
    frame_bytes: usize,
    patch_moves: usize,
    /// Whether there is a server that can be told. A dump cannot.
    is_live: bool,
}

/// A state that is opened, or about to be.
struct Slot<T> {
    key: Box<str>,
    common: Arc<Common>,
    opening: watch::Sender<Opening<T>>,
    /// What came while the server was asked for the first value. The lock is held for a store.
    early: Mutex<Early<T>>,
}

enum Opening<T> {
    /// The server has not answered.
    Waits,
    Open(Arc<Replica<T>>),
    /// The server has no such state.
    Missing,
    Failed(Arc<CallError>),
}

/// What came while the server was asked.
enum Early<T> {
    Nothing,
    /// The last value.
    Value(T),
    /// A change of something that is not known: the server has to be asked again.
    Change,
}

/// The client's copy of a state.
struct Replica<T> {
    key: Box<str>,
    common: Arc<Common>,
    /// What the client began with, to be completed by what the server has ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
    initial: Option<js::Value>,
    values: watch::Sender<Arc<T>>,
    writer: Mutex<Writer>,
    /// That there is something to be sent.
    changed: Notify,
}

struct Writer {
    /// The value, as structured-clone text.
    text: String,
    /// What the server said last; `None` if it has said nothing yet.
    confirmed: Option<String>,
    /// The changes that the server is being told of, in order.
    sent: VecDeque<Sent>,
    /// The change that it is to be told of next.
    unsent: Option<SyncId>,
    connection: Option<Connection>,
    known: SyncIds,
    /// How often the server has said something by itself.
    told: u64,
}

struct Sent {
    id: SyncId,
    text: String,
}

/// A connection, as long as the server can be told over it.
struct Connection {
    peer: Peer,
    /// The calls that it was told by, until somebody waits for them.
    calls: VecDeque<(SyncId, Exchange)>,
}

/// What is there while there is a connection.
struct Connected<'a, T: SharedValue>(&'a Replica<T>);

impl<T: SharedValue> Drop for Connected<'_, T> {
    fn drop(&mut self) {
        let connection = self.0.lock().connection.take();
        // Without the lock.
        drop(connection);
    }
}

/// A state, whatever its type.
trait AnySlot: Any + Send + Sync {
    fn type_name(&self) -> &'static str;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// The server tells a value: the arguments of [`StateUpdated`].
    fn updated(&self, arguments: Payload<'_>);

    /// The server tells a change: the arguments of [`StatePatched`].
    fn patched(&self, arguments: Payload<'_>);

    /// Keeps in step with the server while there is a connection. The future may be dropped at any time.
    fn sync(self: Arc<Self>, peer: Peer) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Whether nothing came of it.
    fn has_failed(&self) -> bool;
}

impl ClientStates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::of(limits, true)
    }

    /// Of a dump: values are read, and changes stay where they are made.
    pub(crate) fn of_dump(limits: &Limits) -> Self {
        Self::of(limits, false)
    }

    fn of(limits: &Limits, is_live: bool) -> Self {
        let common = Common {
            ids: SyncIdSource::of_client(),
            frame_bytes: limits.frame_bytes,
            patch_moves: limits.patch_moves,
            is_live,
        };
        Self {
            common: Arc::new(common),
            slots: Mutex::default(),
            added: Notify::new(),
        }
    }

    /// Opens a state. Without an initial value it waits for that of the server, until `closed` resolves.
    pub(crate) async fn open<T: SharedValue>(
        &self,
        key: &str,
        initial: Option<T>,
        closed: impl Future<Output = ()>,
    ) -> Result<SharedState<T>, SharedStateError> {
        let slot = self.slot(key, initial)?;
        let mut opening = slot.opening.subscribe();
        let opened = async {
            // The slot has the sender.
            let _ = opening
                .wait_for(|opening| !matches!(opening, Opening::Waits))
                .await;
        };
        tokio::select! {
            biased;
            () = opened => {}
            () = closed => return Err(failed(key, Arc::new(CallError::Disconnected(Delivery::NotSent)))),
        }
        match &*slot.opening.borrow() {
            Opening::Open(replica) => {
                Ok(SharedState::new(Arc::clone(replica) as Arc<dyn Backend<T>>))
            }
            Opening::Failed(source) => Err(failed(key, Arc::clone(source))),
            Opening::Missing | Opening::Waits => Err(SharedStateError::Missing(key.to_owned())),
        }
    }

    /// The keys of the states that are opened.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.lock().keys().map(ToString::to_string).collect();
        keys.sort_unstable();
        keys
    }

    /// Registers the events by which the server tells of changes. They are handled at once, in the order in which they
    /// arrive.
    pub(crate) fn hear(self: &Arc<Self>, functions: &Registry) {
        self.hear_event::<StateUpdated<js::Value>>(functions, |slot, told| slot.updated(told));
        self.hear_event::<StatePatched>(functions, |slot, told| slot.patched(told));
    }

    fn hear_event<F: RpcFunction>(
        self: &Arc<Self>,
        functions: &Registry,
        hear: fn(&dyn AnySlot, Payload<'_>),
    ) {
        let states = Arc::clone(self);
        functions.replace(protocol_function::<F>(move |call| {
            Started::Done(match read::<SubscribeState>(call.arguments) {
                Ok((key,)) => {
                    let slot = states.lock().get(&*key).cloned();
                    if let Some(slot) = slot {
                        hear(&*slot, call.arguments);
                    }
                    call.reply.undefined(Encoding::StructuredClone)
                }
                Err(misfit) => call.reply.error(&misfit),
            })
        }));
    }

    /// Keeps all states in step with the server, over a connection that has just been made. It goes on until it is
    /// dropped.
    pub(crate) async fn sync(&self, peer: &Peer) -> std::convert::Infallible {
        let mut tasks = JoinSet::new();
        let mut begun: HashMap<Box<str>, Arc<dyn AnySlot>> = HashMap::new();
        loop {
            let added = self.added.notified();
            let slots = {
                let mut slots = self.lock();
                // Whoever opens one of these again tries again.
                slots.retain(|_, slot| !slot.has_failed());
                slots.clone()
            };
            begun.retain(|key, slot| slots.get(key).is_some_and(|other| Arc::ptr_eq(slot, other)));
            let new = slots.iter().filter(|(key, _)| !begun.contains_key(*key));
            let new: Vec<_> = new
                .map(|(key, slot)| (key.clone(), Arc::clone(slot)))
                .collect();
            for (key, slot) in new {
                begun.insert(key, Arc::clone(&slot));
                tasks.spawn(slot.sync(peer.clone()));
            }
            tokio::select! {
                () = added => {}
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    fn slot<T: SharedValue>(
        &self,
        key: &str,
        initial: Option<T>,
    ) -> Result<Arc<Slot<T>>, SharedStateError> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get(key).filter(|slot| !slot.has_failed()) {
            let any = Arc::clone(slot).into_any();
            return any.downcast().map_err(|_| SharedStateError::OtherType {
                key: key.to_owned(),
                is: slot.type_name(),
                wanted: std::any::type_name::<T>(),
            });
        }
        let opening = match initial {
            Some(initial) => {
                let replica = Replica::begun(key, Arc::clone(&self.common), initial)?;
                Opening::Open(Arc::new(replica))
            }
            None => Opening::Waits,
        };
        let slot = Arc::new(Slot {
            key: key.into(),
            common: Arc::clone(&self.common),
            opening: watch::Sender::new(opening),
            early: Mutex::new(Early::Nothing),
        });
        slots.insert(key.into(), Arc::clone(&slot) as Arc<dyn AnySlot>);
        drop(slots);
        self.added.notify_one();
        Ok(slot)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<dyn AnySlot>>> {
        // No critical section can leave the map half changed.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ClientStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}

fn failed(key: &str, source: Arc<CallError>) -> SharedStateError {
    SharedStateError::Call {
        key: key.to_owned(),
        source,
    }
}

impl<T: SharedValue> Slot<T> {
    fn replica(&self) -> Option<Arc<Replica<T>>> {
        match &*self.opening.borrow() {
            Opening::Open(replica) => Some(Arc::clone(replica)),
            _ => None,
        }
    }

    fn early(&self) -> MutexGuard<'_, Early<T>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for the first value, and opens the state with it. `None` if there is none, or no connection.
    async fn open(&self, peer: &Peer) -> Option<Arc<Replica<T>>> {
        loop {
            *self.early() = Early::Nothing;
            let answer = get::<T>(peer, &self.key).await;
            // While this is held nothing can come that is too late for `early`, and too early for the replica.
            let mut early = self.early();
            let value = match std::mem::replace(&mut *early, Early::Nothing) {
                Early::Value(value) => Ok(Some(value)),
                Early::Change => continue,
                Early::Nothing => answer,
            };
            let opening = match value {
                Ok(Some(value)) => {
                    match Replica::confirmed(&self.key, Arc::clone(&self.common), value) {
                        Ok(replica) => Opening::Open(Arc::new(replica)),
                        Err(error) => {
                            let function = GetState::NAME.to_owned();
                            let source = error.into();
                            Opening::Failed(Arc::new(CallError::Decode { function, source }))
                        }
                    }
                }
                Ok(None) => Opening::Missing,
                // The next connection begins anew.
                Err(CallError::Disconnected(_)) => return None,
                Err(error) => Opening::Failed(Arc::new(error)),
            };
            self.opening.send_replace(opening);
            drop(early);
            return self.replica();
        }
    }
}

/// The server's value; `None` if there is none.
async fn get<T: SharedValue>(peer: &Peer, key: &str) -> Result<Option<T>, CallError> {
    let encoding = Encoding::StructuredClone;
    let reply = peer.ask(GetState::NAME, encoding, &(key,)).await?;
    if reply.is_undefined() {
        return Ok(None);
    }
    reply.read(GetState::NAME, encoding).map(Some)
}

impl<T: SharedValue> AnySlot for Slot<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn updated(&self, arguments: Payload<'_>) {
        let mut early = self.early();
        if let Some(replica) = self.replica() {
            drop(early);
            return replica.updated(arguments);
        }
        *early = match read::<StateUpdated<T>>(arguments) {
            Ok((_, value, _)) => Early::Value(value),
            Err(_) => Early::Change,
        };
    }

    fn patched(&self, arguments: Payload<'_>) {
        let mut early = self.early();
        if let Some(replica) = self.replica() {
            drop(early);
            return replica.patched(arguments);
        }
        *early = Early::Change;
    }

    fn sync(self: Arc<Self>, peer: Peer) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if self.common.is_live {
                let key = (self.key.to_string(),);
                if peer.notify::<SubscribeState>(&key).await.is_err() {
                    return;
                }
            }
            let opened = self.replica();
            let replica = match opened {
                Some(replica) => {
                    replica.catch_up(&peer).await;
                    replica
                }
                None => match self.open(&peer).await {
                    Some(replica) => replica,
                    None => return,
                },
            };
            if self.common.is_live {
                replica.keep_telling(peer).await;
            }
        })
    }

    fn has_failed(&self) -> bool {
        matches!(
            *self.opening.borrow(),
            Opening::Missing | Opening::Failed(_)
        )
    }
}

impl<T: SharedValue> Replica<T> {
    /// With a value of the client's own.
    fn begun(key: &str, common: Arc<Common>, initial: T) -> Result<Self, MutateError> {
        let text = encode(key, &initial, common.frame_bytes)?;
        let any = text::any(&text);
        Ok(Self::new(key, common, initial, text, Some(any), None))
    }

    /// With the server's.
    fn confirmed(key: &str, common: Arc<Common>, value: T) -> Result<Self, MutateError> {
        let text = encode(key, &value, usize::MAX)?;
        let confirmed = Some(text.clone());
        Ok(Self::new(key, common, value, text, None, confirmed))
    }

    fn new(
        key: &str,
        common: Arc<Common>,
        value: T,
        text: String,
        initial: Option<js::Value>,
        confirmed: Option<String>,
    ) -> Self {
        Self {
            key: key.into(),
            common,
            initial,
            values: watch::Sender::new(Arc::new(value)),
            writer: Mutex::new(Writer {
                text,
                confirmed,
                sent: VecDeque::new(),
                unsent: None,
                connection: None,
                known: SyncIds::default(),
                told: 0,
            }),
            changed: Notify::new(),
        }
    }

    /// Learns what the server has, over a new connection.
    async fn catch_up(&self, peer: &Peer) {
        let (told, is_behind) = {
            let writer = self.lock();
            // What was changed when nothing was known of the server's value is not given up for that.
            (
                writer.told,
                writer.is_pending() && writer.confirmed.is_some(),
            )
        };
        let answer = match &self.initial {
            None => get::<T>(peer, &self.key)
                .await
                .map(|value| value.and_then(|value| text::write(&value).ok())),
            Some(_) => get::<js::Value>(peer, &self.key)
                .await
                .map(|value| value.and_then(|value| text::write(&value).ok())),
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
        let mut writer = self.lock();
        // What has been told meanwhile is newer than the answer.
        let server = if writer.told == told {
            server
        } else {
            writer.confirmed.clone()
        };
        if is_behind {
            let is = |known: Option<&String>| match (&server, known) {
                (Some(server), Some(known)) => {
                    patch::is_same(&text::any(server), &text::any(known))
                }
                (None, _) => true,
                (Some(_), None) => false,
            };
            let last = writer.sent.back();
            let has_arrived = last.is_some_and(|sent| server.is_some() && is(Some(&sent.text)));
            let is_untouched = writer.told == told && is(writer.confirmed.as_ref());
            writer.sent.clear();
            if has_arrived {
                tracing::trace!(key = &*self.key, "the last change had arrived");
            } else if is_untouched {
                writer.unsent = Some(self.common.ids.next());
            } else {
                tracing::warn!(
                    key = &*self.key,
                    "a change that was made without a connection is given up: the server's value has changed meanwhile"
                );
                writer.unsent = None;
            }
        }
        if server.is_some() {
            writer.confirmed = server;
            self.settle(&mut writer);
        }
        if writer.unsent.is_some() {
            self.changed.notify_one();
        }
    }

    /// Tells the server of each change, until it cannot be told.
    async fn keep_telling(&self, peer: Peer) {
        self.lock().connection = Some(Connection {
            peer,
            calls: VecDeque::new(),
        });
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

    /// The next call whose answer is to be waited for.
    fn next_call(&self) -> Option<(SyncId, Exchange)> {
        let mut writer = self.lock();
        self.tell(&mut writer);
        writer.connection.as_mut()?.calls.pop_front()
    }

    /// Tells the server of the last change, if there is a connection. At once: what the program calls after its change
    /// comes after it there too.
    fn tell(&self, writer: &mut Writer) {
        let Some(connection) = &mut writer.connection else {
            return;
        };
        if connection.calls.len() >= CALLS {
            return;
        }
        let Some(id) = writer.unsent.take() else {
            return;
        };
        let value = Arc::clone(&self.values.borrow());
        let arguments = (&*self.key, &*value, &*id);
        let name = SetState::<T>::NAME;
        let call = connection
            .peer
            .ask_at_once(name, Encoding::StructuredClone, &arguments);
        match call {
            Ok(call) => {
                connection.calls.push_back((Arc::clone(&id), call));
                let text = writer.text.clone();
                writer.sent.push_back(Sent { id, text });
            }
            // The next connection sees to it.
            Err(CallError::Disconnected(_)) => writer.unsent = Some(id),
            Err(error) => {
                self.warn_of(&error);
                self.settle(writer);
            }
        }
    }

    fn warn_of(&self, error: &CallError) {
        let error = error as &dyn std::error::Error;
        tracing::warn!(
            key = &*self.key,
            error,
            "a change of a shared state is taken back"
        );
    }

    /// The server has answered to a change, with or without having made it.
    fn answered(&self, id: &SyncId, is_made: bool) {
        let mut writer = self.lock();
        let Some(place) = writer.sent.iter().position(|sent| sent.id == *id) else {
            // It was told back.
            return;
        };
        if let Some(sent) = writer.sent.remove(place).filter(|_| is_made) {
            writer.known.remember(id);
            writer.confirmed = Some(sent.text);
        }
        self.settle(&mut writer);
    }

    fn updated(&self, arguments: Payload<'_>) {
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

    fn patched(&self, arguments: Payload<'_>) {
        let (patches, id) = match read::<StatePatched>(arguments) {
            Ok((_, patches, id)) => (patches, id),
            Err(error) => return self.warn_of_server(&error),
        };
        self.told(id, |confirmed| {
            let mut value = text::any(confirmed?);
            patch::apply(&mut value, &patches, Moves::new(self.common.patch_moves))
                .inspect_err(|error| tracing::warn!(key = &*self.key, %error, "what the server says of a shared state does not fit it"))
                .ok()?;
            text::write(&value).ok()
        });
    }

    /// The server has another value, made by the change `id`, of the one before.
    fn told(&self, id: Option<String>, value: impl FnOnce(Option<&str>) -> Option<String>) {
        let id: SyncId = id.map_or_else(|| self.common.ids.next(), SyncId::from);
        let mut writer = self.lock();
        if writer.known.contains(&id) {
            return;
        }
        let Some(text) = value(writer.confirmed.as_deref()) else {
            return;
        };
        writer.known.remember(&id);
        writer.told += 1;
        if let Some(place) = writer.sent.iter().position(|sent| sent.id == id) {
            writer.sent.drain(..=place);
        }
        writer.confirmed = Some(text);
        self.settle(&mut writer);
    }

    /// Takes the server's value for the client's, unless a change of its own is to come after it.
    fn settle(&self, writer: &mut Writer) {
        let Some(confirmed) = writer.confirmed.as_ref().filter(|_| !writer.is_pending()) else {
            return;
        };
        if *confirmed == writer.text {
            return;
        }
        match self.value_of(confirmed) {
            Ok((value, text)) => {
                if text != writer.text {
                    writer.text = text;
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

    /// The client's value, where this is the server's.
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

    /// Takes a value of the client's own.
    fn take(&self, writer: &mut Writer, value: T) -> Result<(), MutateError> {
        let text = encode(&self.key, &value, self.common.frame_bytes)?;
        if text == writer.text {
            return Ok(());
        }
        writer.text = text;
        self.values.send_replace(Arc::new(value));
        if self.common.is_live {
            writer.unsent = Some(self.common.ids.next());
            self.tell(writer);
            self.changed.notify_one();
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        // Whatever panics does so before the value is replaced.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Whether there is a change that the server has not confirmed.
    fn is_pending(&self) -> bool {
        !self.sent.is_empty() || self.unsent.is_some()
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
        let mut writer = self.lock();
        let mut value = T::clone(&self.values.borrow());
        change(&mut value);
        self.take(&mut writer, value)
    }

    fn set(&self, value: T) -> Result<(), MutateError> {
        self.take(&mut self.lock(), value)
    }
}
