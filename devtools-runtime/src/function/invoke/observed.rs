//! A reply that somebody in the process wants to know of, besides whom it is for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::function::invoke::Over;
use crate::function::{RemoteError, ReplyTo};

/// A reply, and what is in it.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) reply: ReplyTo,
    /// The lock is held for a store or a look.
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    failure: Option<RemoteError>,
    over: Option<Over>,
}

impl Observed {
    pub(super) fn new(reply: ReplyTo) -> Self {
        Self {
            reply,
            noted: Mutex::default(),
        }
    }

    /// Notes what the caller is told of a call that failed.
    pub(crate) fn fail(&self, error: RemoteError) {
        self.lock().failure = Some(error);
    }

    /// What the caller is told, if the call has failed.
    pub(super) fn failure(&self) -> Option<RemoteError> {
        self.lock().failure.clone()
    }

    /// Notes the limit that the call was over.
    pub(super) fn exceed(&self, over: Option<Over>) {
        self.lock().over = over;
    }

    /// The limit that the call was over, if it was over one.
    pub(super) fn over(&self) -> Option<Over> {
        self.lock().over
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        // No critical section can leave it half changed.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
