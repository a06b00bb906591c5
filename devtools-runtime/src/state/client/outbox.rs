//! The changes of a client that its server has not confirmed, and the calls that send them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::function::CallError;
use crate::peer::{Exchange, Peer};
use crate::state::sync_ids::SyncId;

/// The number of unanswered calls with changes of one state. Further changes are merged into one.
const CALLS: usize = 16;

/// The changes of one state that the server has not confirmed.
#[derive(Default)]
pub(super) struct Outbox {
    /// The changes that were sent and are not answered, in order.
    sent: VecDeque<Sent>,
    /// The change that will be sent next.
    unsent: Option<SyncId>,
    connection: Option<OutboxConnection>,
}

struct Sent {
    id: SyncId,
    /// The value after the change.
    text: String,
}

/// A connection over which changes can be sent.
struct OutboxConnection {
    peer: Peer,
    /// The calls whose answers are not awaited yet.
    calls: VecDeque<(SyncId, Exchange)>,
}

impl Outbox {
    /// Returns whether there is a change that the server has not confirmed.
    pub(super) fn is_pending(&self) -> bool {
        !self.sent.is_empty() || self.unsent.is_some()
    }

    /// Returns whether a change must still be sent.
    pub(super) fn has_unsent(&self) -> bool {
        self.unsent.is_some()
    }

    /// Adds a change. It replaces an unsent one, because each call sends the value after the last change.
    pub(super) fn put(&mut self, id: SyncId) {
        self.unsent = Some(id);
    }

    pub(super) fn connect(&mut self, peer: Peer) {
        let calls = VecDeque::new();
        self.connection = Some(OutboxConnection { peer, calls });
    }

    /// Removes the connection. Drop the result after the lock of the state was released.
    pub(super) fn disconnect(&mut self) -> impl Sized + use<> {
        self.connection.take()
    }

    /// Sends the change that is unsent, if there is a connection and not too many calls are under way. `call` begins the
    /// call; `text` is the value after the change.
    pub(super) fn send(
        &mut self,
        text: &str,
        call: impl FnOnce(&Peer, &SyncId) -> Result<Exchange, CallError>,
    ) -> Result<(), CallError> {
        let Some(connection) = &mut self.connection else {
            return Ok(());
        };
        if connection.calls.len() >= CALLS {
            return Ok(());
        }
        let Some(id) = self.unsent.take() else {
            return Ok(());
        };
        match call(&connection.peer, &id) {
            Ok(call) => {
                connection.calls.push_back((Arc::clone(&id), call));
                let text = text.to_owned();
                self.sent.push_back(Sent { id, text });
                Ok(())
            }
            Err(CallError::Disconnected(_)) => {
                // It is sent over the next connection.
                self.unsent = Some(id);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the next call whose answer must be awaited.
    pub(super) fn next_call(&mut self) -> Option<(SyncId, Exchange)> {
        self.connection.as_mut()?.calls.pop_front()
    }

    /// Removes a change that the server has answered, and returns the value after it. Returns `None` if the server has
    /// already sent the change back.
    pub(super) fn answered(&mut self, id: &SyncId) -> Option<String> {
        let index = self.sent.iter().position(|sent| sent.id == *id)?;
        self.sent.remove(index).map(|sent| sent.text)
    }

    /// Removes a change that the server has sent back, and the changes before it.
    pub(super) fn told_back(&mut self, id: &SyncId) {
        if let Some(index) = self.sent.iter().position(|sent| sent.id == *id) {
            self.sent.drain(..=index);
        }
    }

    /// Returns the value after the last change that was sent.
    pub(super) fn last_sent(&self) -> Option<&str> {
        self.sent.back().map(|sent| &*sent.text)
    }

    /// Forgets which changes were sent, because their connection has ended.
    pub(super) fn forget_sent(&mut self) {
        self.sent.clear();
    }

    /// Discards the unsent change.
    pub(super) fn give_up(&mut self) {
        self.unsent = None;
    }
}
