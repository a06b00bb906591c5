//! The shared states of a client by their keys.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::function::{
    CallError, Delivery, Registry, RpcFunction, Started, protocol_function, read,
};
use crate::mutex::Mutex;
use crate::peer::{Limits, Peer};
use crate::protocol::state::{StatePatched, StateUpdated, SubscribeState};
use crate::state::client::replica::{Replica, ReplicaSettings};
use crate::state::client::slot::{AnySlot, OpenedState, Opening};
use crate::state::error::SharedStateError;
use crate::state::shared_state::{Backend, SharedState, SharedValue};
use crate::state::sync_ids::SyncIdSource;
use crate::wire::{Encoding, Payload, js};

/// The states of a client.
pub struct ClientStates {
    settings: Arc<ReplicaSettings>,
    /// The lock is held for map operations only.
    slots: Mutex<HashMap<Box<str>, Arc<dyn AnySlot>>>,
    added: Notify,
}

impl ClientStates {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self::of(limits, true)
    }

    /// Makes the states of a dump: values can be read, and changes stay in the client.
    pub(crate) fn of_dump(limits: &Limits) -> Self {
        Self::of(limits, false)
    }

    fn of(limits: &Limits, is_live: bool) -> Self {
        let settings = ReplicaSettings {
            ids: SyncIdSource::of_client(),
            frame_bytes: limits.frame_bytes,
            patch_moves: limits.patch_moves,
            is_live,
        };
        Self {
            settings: Arc::new(settings),
            slots: Mutex::default(),
            added: Notify::new(),
        }
    }

    /// Opens a state. Without an initial value it waits for the server's value, until `closed` resolves.
    pub(crate) async fn open<T: SharedValue>(
        &self,
        key: &str,
        initial: Option<T>,
        closed: impl Future<Output = ()>,
    ) -> Result<SharedState<T>, SharedStateError> {
        let slot = self.slot(key, initial)?;
        let mut opening = slot.opening.subscribe();
        let opened = async {
            // The slot holds the sender.
            let _ = opening
                .wait_for(|opening| !matches!(opening, Opening::Waiting))
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
            Opening::Missing | Opening::Waiting => Err(SharedStateError::Missing(key.to_owned())),
        }
    }

    /// Returns the keys of the opened states, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.slots.lock().keys().map(ToString::to_string).collect();
        keys.sort_unstable();
        keys
    }

    /// Registers the events with which the server sends changes. They are handled in the order in which they arrive.
    pub(crate) fn hear(self: &Arc<Self>, functions: &Registry) {
        self.hear_event::<StateUpdated<js::Value>>(functions, AnySlot::updated);
        self.hear_event::<StatePatched>(functions, AnySlot::patched);
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
                    let slot = states.slots.lock().get(&*key).cloned();
                    if let Some(slot) = slot {
                        hear(&*slot, call.arguments);
                    }
                    call.reply.undefined(Encoding::StructuredClone)
                }
                Err(misfit) => call.reply.error(&misfit),
            })
        }));
    }

    /// Synchronizes all states with the server over a new connection. Runs until it is dropped.
    pub(crate) async fn sync(&self, peer: &Peer) -> std::convert::Infallible {
        let mut tasks = JoinSet::new();
        let mut begun: HashMap<Box<str>, Arc<dyn AnySlot>> = HashMap::new();
        loop {
            let added = self.added.notified();
            let slots = {
                let mut slots = self.slots.lock();
                // Opening one of these states again makes another attempt.
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
    ) -> Result<Arc<OpenedState<T>>, SharedStateError> {
        let mut slots = self.slots.lock();
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
                let replica = Replica::begun(key, Arc::clone(&self.settings), initial)?;
                Opening::Open(Arc::new(replica))
            }
            None => Opening::Waiting,
        };
        let slot = OpenedState::new(key, &self.settings, opening);
        slots.insert(key.into(), Arc::clone(&slot) as Arc<dyn AnySlot>);
        drop(slots);
        self.added.notify_one();
        Ok(slot)
    }
}

crate::debug_impl! { ClientStates as it [it.keys()] }

fn failed(key: &str, source: Arc<CallError>) -> SharedStateError {
    SharedStateError::Call {
        key: key.to_owned(),
        source,
    }
}
