//! The access of a connection: whether the other side is trusted, so that it is answered and events are sent to it.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

/// The prefix of the names of functions that untrusted clients may call too ([protocol 4.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#44-untrusted-sessions)).
const OPEN_TO_ALL: &str = "anonymous:";

/// The current access of a connection: whether it is open, and whether it is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ConnectionAccess {
    /// The connection is open and trusted: calls go both ways.
    Open,
    /// The server does not trust the client.
    Unauthorized,
    /// There is no connection at the moment.
    Down,
}

/// The [`ConnectionAccess`] of a connection, shared by everything that depends on it. Reading it is one atomic load.
#[derive(Debug)]
pub(crate) struct AccessCell {
    access: AtomicU8,
    changed: Notify,
}

impl AccessCell {
    pub(crate) fn new(access: ConnectionAccess) -> Self {
        Self {
            access: AtomicU8::new(access as u8),
            changed: Notify::new(),
        }
    }

    pub(crate) fn get(&self) -> ConnectionAccess {
        const OPEN: u8 = ConnectionAccess::Open as u8;
        const UNAUTHORIZED: u8 = ConnectionAccess::Unauthorized as u8;
        match self.access.load(Ordering::Acquire) {
            OPEN => ConnectionAccess::Open,
            UNAUTHORIZED => ConnectionAccess::Unauthorized,
            _ => ConnectionAccess::Down,
        }
    }

    pub(crate) fn set(&self, access: ConnectionAccess) {
        self.access.store(access as u8, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Resolves once the access is [`ConnectionAccess::Open`].
    pub(crate) async fn opened(&self) {
        loop {
            // Registered before the check, so that a change between the two is not missed.
            let changed = self.changed.notified();
            if self.get() == ConnectionAccess::Open {
                return;
            }
            changed.await;
        }
    }

    /// Returns whether the other side may call the function of this name.
    pub(crate) fn admits(&self, name: &str) -> bool {
        self.get() == ConnectionAccess::Open || name.starts_with(OPEN_TO_ALL)
    }
}
