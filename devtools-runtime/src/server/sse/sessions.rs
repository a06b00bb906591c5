//! The table of open sessions, where a POST finds its session.
//!
//! The table has an entry for each open event stream. The transport of a session owns its [`SseRegistration`], and ends when
//! the client drops the stream.
//!
//! The table is behind a mutex. Every critical section is a map operation, and none of them awaits. Code
//! outside this module does not see the lock.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::mutex::Mutex;
use crate::peer::{AccessCell, ArrivingRequest, Frame};
use crate::server::sse::held::HeldPosts;

/// The open sessions, by id. All clones are the same table.
#[derive(Debug, Clone, Default)]
pub(crate) struct SseSessions(Arc<Mutex<HashMap<String, PostInbox>>>);

/// The queue and the held POSTs of a session, for the POSTs that carry its frames.
#[derive(Debug, Clone)]
pub(crate) struct PostInbox {
    pub(super) frames: mpsc::Sender<PostedFrame>,
    pub(super) held: Arc<HeldPosts>,
    pub(super) access: Arc<AccessCell>,
}

/// A frame of a POST, until the driver of its session takes it.
#[derive(Debug)]
pub(crate) struct PostedFrame {
    pub(super) frame: Frame,
    /// Counts the frame among the requests that are arriving.
    pub(super) _arriving: Option<ArrivingRequest>,
}

/// A session's entry in the table. Dropping it removes the entry.
pub(crate) struct SseRegistration {
    sessions: SseSessions,
    id: String,
}

impl SseSessions {
    /// Adds a session to the table, as long as the [`SseRegistration`] lives.
    pub(super) fn add(&self, id: String, inbox: PostInbox) -> SseRegistration {
        self.0.lock().insert(id.clone(), inbox);
        SseRegistration {
            sessions: self.clone(),
            id,
        }
    }

    /// Returns the queue of a session, or `None` if it has ended.
    pub(super) fn find(&self, id: &str) -> Option<PostInbox> {
        self.0.lock().get(id).cloned()
    }

    /// Returns the ids of the open sessions.
    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<String> {
        self.0.lock().keys().cloned().collect()
    }
}

impl Drop for SseRegistration {
    fn drop(&mut self) {
        self.sessions.0.lock().remove(&self.id);
    }
}
