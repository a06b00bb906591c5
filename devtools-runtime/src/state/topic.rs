//! Who hears of a shared state: the sessions that have subscribed to its key, whether there is one or not.
//!
//! A frame is written once for all. It is handed to each session's queue without waiting: there is nobody to wait,
//! so that a session without room is closed, and its client starts over with the value of then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::peer::{CloseReason, Frame, Peer, Unsent};
use crate::state::sync_ids::SyncId;

/// The subscribers of one key.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) key: Box<str>,
    /// By session. The lock is held while frames are queued, which takes no time.
    subscribers: Mutex<BTreeMap<u64, Subscriber>>,
}

#[derive(Debug)]
struct Subscriber {
    peer: Peer,
    /// The last change of somebody else that the session was told, and has not echoed yet.
    ///
    /// A JavaScript client does not hear of its own change again. So if it makes one before it has seen somebody
    /// else's, it ends with the other's value, although its own came last.
    unseen: Option<SyncId>,
    got: Got,
}

/// The last value that a session has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Got {
    /// None, or it has made a change of its own since.
    Nothing,
    /// The one at this address, which is still the value.
    Value(usize),
    /// One that was replaced, by its fingerprint.
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
        let subscriber = Subscriber {
            peer: peer.clone(),
            unseen: None,
            got: Got::Nothing,
        };
        self.lock().insert(session, subscriber);
    }

    pub(crate) fn has(&self, session: u64) -> bool {
        self.lock().contains_key(&session)
    }

    /// Whether somebody is left.
    pub(crate) fn unsubscribe(&self, session: u64) -> bool {
        let mut subscribers = self.lock();
        subscribers.remove(&session);
        !subscribers.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The session has echoed a change.
    pub(crate) fn seen(&self, session: u64, id: &str) {
        if let Some(subscriber) = self.lock().get_mut(&session) {
            let seen = subscriber.unseen.take_if(|unseen| **unseen == *id);
            // The change came after the value that it has asked for, so it has looked at that one.
            if seen.is_some() && matches!(subscriber.got, Got::Outdated(_)) {
                subscriber.got = Got::Nothing;
            }
        }
    }

    /// The session has asked for the value, and gets the one at this address.
    pub(crate) fn got(&self, session: u64, value: usize) {
        if let Some(subscriber) = self.lock().get_mut(&session) {
            subscriber.got = Got::Value(value);
        }
    }

    /// The value at this address is replaced. Its fingerprint is made if a session has asked for it.
    pub(crate) fn replaced(&self, value: usize, fingerprint: impl Fn() -> u64) {
        let mut made = None;
        for subscriber in self.lock().values_mut() {
            if subscriber.got == Got::Value(value) {
                subscriber.got = Got::Outdated(*made.get_or_insert_with(&fingerprint));
            }
        }
    }

    /// The session makes a change. The fingerprint of the value that it has asked for, if that was replaced since
    /// and the session has not seen by what.
    pub(crate) fn take_outdated(&self, session: u64) -> Option<u64> {
        let mut subscribers = self.lock();
        let subscriber = subscribers.get_mut(&session)?;
        match std::mem::replace(&mut subscriber.got, Got::Nothing) {
            Got::Outdated(fingerprint) => subscriber.unseen.as_ref().map(|_| fingerprint),
            Got::Nothing | Got::Value(_) => None,
        }
    }

    /// Tells everybody of a change, which `author` has made if it was one of them. Whether the author may have
    /// made it without having seen an earlier one.
    pub(crate) fn push(&self, frame: &Frame, id: &SyncId, author: Option<u64>) -> bool {
        let mut is_blind = false;
        for (session, subscriber) in self.lock().iter_mut() {
            subscriber.send(*session, frame);
            if author == Some(*session) {
                is_blind = subscriber.unseen.is_some();
            } else {
                subscriber.unseen = Some(Arc::clone(id));
            }
        }
        is_blind
    }

    /// Tells one session the value.
    pub(crate) fn correct(&self, session: u64, frame: &Frame, id: &SyncId) {
        if let Some(subscriber) = self.lock().get_mut(&session) {
            subscriber.send(session, frame);
            subscriber.unseen = Some(Arc::clone(id));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Subscriber>> {
        // No critical section can leave the map half changed.
        self.subscribers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber {
    fn send(&self, session: u64, frame: &Frame) {
        if self.peer.exceeded_by(frame.len()).is_some() {
            tracing::warn!(
                session,
                "a shared state is not sent: it is over `frame_bytes`"
            );
            return;
        }
        match self.peer.try_send(frame.clone()) {
            Ok(()) | Err(Unsent::Closed) => {}
            Err(Unsent::Full(_)) => {
                let reason = CloseReason::Congested;
                tracing::warn!(session, %reason, "closes a session");
                self.peer.close(reason);
            }
        }
    }
}
