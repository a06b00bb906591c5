//! The subscribers of a shared state: the sessions that have subscribed to its key, whether the key has a state or not.
//!
//! A frame is encoded once for all of them. A session whose queue is full is closed by [`Peer::send_or_close`].

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::mutex::Mutex;
use crate::peer::{Frame, Peer};
use crate::state::sync_ids::SyncId;

/// The subscribers of one key.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) key: Box<str>,
    /// The subscribers by session. The lock is held while frames are queued, which does not wait.
    subscribers: Mutex<BTreeMap<u64, TopicSubscriber>>,
}

#[derive(Debug)]
struct TopicSubscriber {
    peer: Peer,
    /// The last change of another session that was sent to this one and that it has not echoed yet.
    ///
    /// A JavaScript client ignores its own change when the server sends it back. If it makes a change before it has
    /// received the change of another session, it ends with the other value, although its own change came last.
    unseen: Option<SyncId>,
    last_read: LastRead,
}

/// The value that a session has read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastRead {
    /// The session has read no value, or has made a change since it read one.
    Nothing,
    /// The value at this address, which is still the value of the state.
    Current(usize),
    /// A value that was replaced since, by its fingerprint.
    Outdated(u64),
}

impl Topic {
    pub(crate) fn new(key: &str) -> Self {
        Self {
            key: key.into(),
            subscribers: Mutex::default(),
        }
    }

    pub(crate) fn subscribe(&self, session: u64, peer: &Peer) {
        let subscriber = TopicSubscriber {
            peer: peer.clone(),
            unseen: None,
            last_read: LastRead::Nothing,
        };
        self.subscribers.lock().insert(session, subscriber);
    }

    pub(crate) fn has(&self, session: u64) -> bool {
        self.subscribers.lock().contains_key(&session)
    }

    /// Removes a session. Returns whether a subscriber is left.
    pub(crate) fn unsubscribe(&self, session: u64) -> bool {
        let mut subscribers = self.subscribers.lock();
        subscribers.remove(&session);
        !subscribers.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.subscribers.lock().is_empty()
    }

    /// Notes that a session has echoed a change.
    pub(crate) fn seen(&self, session: u64, id: &str) {
        if let Some(subscriber) = self.subscribers.lock().get_mut(&session) {
            let seen = subscriber.unseen.take_if(|unseen| **unseen == *id);
            // The change came after the value that the session has read, so it has seen that value.
            if seen.is_some() && matches!(subscriber.last_read, LastRead::Outdated(_)) {
                subscriber.last_read = LastRead::Nothing;
            }
        }
    }

    /// Notes that a session reads the value at this address.
    pub(crate) fn read(&self, session: u64, value: usize) {
        if let Some(subscriber) = self.subscribers.lock().get_mut(&session) {
            subscriber.last_read = LastRead::Current(value);
        }
    }

    /// Notes that the value at this address is replaced. Computes its fingerprint if a session has read it.
    pub(crate) fn replaced(&self, value: usize, fingerprint: impl Fn() -> u64) {
        let mut made = None;
        for subscriber in self.subscribers.lock().values_mut() {
            if subscriber.last_read == LastRead::Current(value) {
                subscriber.last_read = LastRead::Outdated(*made.get_or_insert_with(&fingerprint));
            }
        }
    }

    /// Notes that a session makes a change. Returns the fingerprint of the value that it has read, if that value was
    /// replaced and the session has not seen the change since.
    pub(crate) fn take_outdated(&self, session: u64) -> Option<u64> {
        let mut subscribers = self.subscribers.lock();
        let subscriber = subscribers.get_mut(&session)?;
        match std::mem::replace(&mut subscriber.last_read, LastRead::Nothing) {
            LastRead::Outdated(fingerprint) => subscriber.unseen.as_ref().map(|_| fingerprint),
            LastRead::Nothing | LastRead::Current(_) => None,
        }
    }

    /// Sends a change by `author` to all subscribers. Returns whether the author may have made it without having seen an
    /// earlier one.
    pub(crate) fn push(&self, frame: &Frame, id: &SyncId, author: Option<u64>) -> bool {
        let mut is_blind = false;
        for (session, subscriber) in self.subscribers.lock().iter_mut() {
            subscriber.send(*session, frame);
            if author == Some(*session) {
                is_blind = subscriber.unseen.is_some();
            } else {
                subscriber.unseen = Some(Arc::clone(id));
            }
        }
        is_blind
    }

    /// Sends the value to one session.
    pub(crate) fn correct(&self, session: u64, frame: &Frame, id: &SyncId) {
        if let Some(subscriber) = self.subscribers.lock().get_mut(&session) {
            subscriber.send(session, frame);
            subscriber.unseen = Some(Arc::clone(id));
        }
    }
}

impl TopicSubscriber {
    fn send(&self, session: u64, frame: &Frame) {
        if self.peer.exceeded_by(frame.len()).is_some() {
            tracing::warn!(
                session,
                "a shared state is not sent: it is over `frame_bytes`"
            );
            return;
        }
        self.peer.send_or_close(frame.clone());
    }
}
