//! Sends the changes of a client to the server while there is a connection.

use serde::de::IgnoredAny;

use crate::function::{CallError, RpcFunction as _};
use crate::peer::{Exchange, Peer};
use crate::protocol::state::SetState;
use crate::state::client::replica::Replica;
use crate::state::shared_state::SharedValue;
use crate::state::sync_ids::SyncId;
use crate::wire::Encoding;

/// Takes the connection of a replica away when it ends.
struct Connected<'a, T: SharedValue>(&'a Replica<T>);

impl<T: SharedValue> Drop for Connected<'_, T> {
    fn drop(&mut self) {
        let connection = self.0.lock().outbox.disconnect();
        // Dropped without the lock.
        drop(connection);
    }
}

impl<T: SharedValue> Replica<T> {
    /// Tells the server of each change, until the connection ends.
    pub(super) async fn keep_telling(&self, peer: Peer) {
        self.lock().outbox.connect(peer);
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

    /// Tells the server of the last change, and returns the next call whose answer must be awaited.
    fn next_call(&self) -> Option<(SyncId, Exchange)> {
        let mut state = self.lock();
        self.tell(&mut state);
        state.outbox.next_call()
    }
}
