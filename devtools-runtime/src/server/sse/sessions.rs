//! The table of open sessions, where a POST finds its session.
//!
//! The table has an entry for each open event stream. The transport of a session owns its [`Registration`], and ends when
//! the client drops the stream.
//!
//! The table is behind a [`std::sync::Mutex`]. Every critical section is a map operation, and none of them awaits. Code
//! outside this module does not see the lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data_encoding::HEXLOWER;
use tokio::sync::{mpsc, oneshot};

use crate::peer::{AccessCell, Frame};
use crate::server::sse::{EventStream, FRAMES_UNDER_WAY, HeldPosts, SseTransport};

/// The open sessions, by id. All clones are the same table.
#[derive(Debug, Clone, Default)]
pub(crate) struct SseSessions(Arc<Mutex<HashMap<String, Inbox>>>);

/// The queue and the held POSTs of a session, for the POSTs that carry its frames.
#[derive(Debug, Clone)]
pub(crate) struct Inbox {
    pub(super) frames: mpsc::Sender<Frame>,
    pub(super) held: Arc<HeldPosts>,
    pub(super) access: Arc<AccessCell>,
}

/// A session's entry in the table. Dropping it removes the entry.
pub(crate) struct Registration {
    sessions: SseSessions,
    id: String,
}

impl SseSessions {
    /// Opens a session. Returns the transport for its driver and the event stream for its client.
    pub(super) fn open(
        &self,
        access: &Arc<AccessCell>,
    ) -> Result<(SseTransport, EventStream), getrandom::Error> {
        let id = new_id()?;
        let (frames, incoming) = mpsc::channel(FRAMES_UNDER_WAY);
        let (outgoing, events) = mpsc::channel(FRAMES_UNDER_WAY);
        let (present, gone) = oneshot::channel();
        let held = Arc::new(HeldPosts::default());
        let stream = EventStream::new(&id, events, present);
        let inbox = Inbox {
            frames,
            held: Arc::clone(&held),
            access: Arc::clone(access),
        };
        self.lock().insert(id.clone(), inbox);
        let registration = Registration {
            sessions: self.clone(),
            id,
        };
        let transport = SseTransport::new(incoming, outgoing, held, gone, registration);
        Ok((transport, stream))
    }

    pub(super) fn find(&self, id: &str) -> Option<Inbox> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Inbox>> {
        // No critical section can leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.id);
    }
}

/// Returns an id that cannot be guessed: a version 4 UUID.
fn new_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&bytes);
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{SseSessions, new_id};
    use crate::peer::{Access, AccessCell};

    #[test]
    fn an_id_is_a_uuid() {
        let (id, other) = (new_id().unwrap(), new_id().unwrap());
        let parts: Vec<&str> = id.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4'), "{id}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert_ne!(id, other);
    }

    #[tokio::test]
    async fn a_session_is_in_the_table_as_long_as_its_transport() {
        let sessions = SseSessions::default();
        let access = Arc::new(AccessCell::new(Access::Open));
        let (transport, _stream) = sessions.open(&access).unwrap();
        let id = sessions.lock().keys().next().unwrap().clone();
        assert!(sessions.find(&id).is_some());
        drop(transport);
        assert!(sessions.find(&id).is_none());
    }
}
