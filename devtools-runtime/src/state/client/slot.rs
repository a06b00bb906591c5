//! A state that a client has opened. It waits until the server has sent the first value.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{CallError, RpcFunction as _, read};
use crate::mutex::Mutex;
use crate::peer::Peer;
use crate::protocol::state::{GetState, StateUpdated, SubscribeState};
use crate::state::client::refresh::get;
use crate::state::client::replica::{Replica, ReplicaSettings};
use crate::state::client::standing::Standing;
use crate::state::shared_state::SharedValue;
use crate::wire::Payload;

/// A state that the program has opened, and that may wait for the first value.
pub(super) struct OpenedState<T> {
    key: Box<str>,
    settings: Arc<ReplicaSettings>,
    pub(super) opening: watch::Sender<Opening<T>>,
    /// The message that arrived while the server was asked for the first value. The lock is held for a store.
    early: Mutex<Early<T>>,
}

/// Whether a state has its first value.
pub(super) enum Opening<T> {
    /// The server has not answered.
    Waiting,
    Open(Arc<Replica<T>>),
    /// The server has no such state.
    Missing,
    Failed(Arc<CallError>),
}

/// A message of the server that arrived while it was asked for the first value.
enum Early<T> {
    Nothing,
    /// The last value that has arrived.
    Value(T),
    /// A change of a value that is not known, or a value that could not be read. The answer may lack it, so the server must be
    /// asked again.
    Change,
}

/// A slot, without the type of its value.
pub(super) trait AnySlot: Any + Send + Sync {
    fn type_name(&self) -> &'static str;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// Takes in a value that the server tells: the arguments of [`StateUpdated`].
    fn updated(&self, arguments: Payload<'_>);

    /// Takes in a change that the server tells: the arguments of [`StatePatched`].
    fn patched(&self, arguments: Payload<'_>);

    /// Keeps the state in step with the server while there is a connection. The future may be dropped at any time.
    fn sync(self: Arc<Self>, peer: Peer) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Returns whether the state could not be opened.
    fn has_failed(&self) -> bool;
}

impl<T: SharedValue> OpenedState<T> {
    pub(super) fn new(
        key: &str,
        settings: &Arc<ReplicaSettings>,
        opening: Opening<T>,
    ) -> Arc<Self> {
        Arc::new(Self {
            key: key.into(),
            settings: Arc::clone(settings),
            opening: watch::Sender::new(opening),
            early: Mutex::new(Early::Nothing),
        })
    }

    fn replica(&self) -> Option<Arc<Replica<T>>> {
        match &*self.opening.borrow() {
            Opening::Open(replica) => Some(Arc::clone(replica)),
            _ => None,
        }
    }

    /// Asks for the first value, and opens the state with it. `None` if there is no value or no connection.
    async fn open(&self, peer: &Peer) -> Option<Arc<Replica<T>>> {
        *self.early.lock() = Early::Nothing;
        let answer = get::<T>(peer, &self.key).await;
        // This lock is held until the replica exists, so that no message comes too late for `early` and too early for
        // the replica.
        let mut early = self.early.lock();
        let (value, standing) = match std::mem::replace(&mut *early, Early::Nothing) {
            Early::Value(value) => (Ok(Some(value)), Standing::InStep),
            Early::Change => (answer, Standing::Doubtful),
            Early::Nothing => (answer, Standing::InStep),
        };
        let opening = match value {
            Ok(Some(value)) => {
                let settings = Arc::clone(&self.settings);
                match Replica::confirmed(&self.key, settings, value, standing) {
                    Ok(replica) => Opening::Open(Arc::new(replica)),
                    Err(error) => {
                        let function = GetState::NAME.to_owned();
                        let source = error.into();
                        Opening::Failed(Arc::new(CallError::Decode { function, source }))
                    }
                }
            }
            Ok(None) => Opening::Missing,
            // The server is asked again over the next connection.
            Err(CallError::Disconnected(_)) => return None,
            Err(error) => Opening::Failed(Arc::new(error)),
        };
        self.opening.send_replace(opening);
        drop(early);
        self.replica()
    }
}

impl<T: SharedValue> AnySlot for OpenedState<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn updated(&self, arguments: Payload<'_>) {
        let mut early = self.early.lock();
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
        let mut early = self.early.lock();
        if let Some(replica) = self.replica() {
            drop(early);
            return replica.patched(arguments);
        }
        *early = Early::Change;
    }

    fn sync(self: Arc<Self>, peer: Peer) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if self.settings.is_live {
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
            if self.settings.is_live {
                tokio::join!(
                    replica.keep_in_step(&peer),
                    replica.keep_telling(peer.clone())
                );
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
