//! Opens a session.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use tokio::sync::{mpsc, oneshot};

use crate::peer::AccessCell;
use crate::server::sse::events::EventStream;
use crate::server::sse::held::HeldPosts;
use crate::server::sse::sessions::{PostInbox, SseSessions};
use crate::server::sse::transport::SseTransport;

/// The capacity of the queues between a session's driver and its HTTP requests, in frames.
const FRAMES_UNDER_WAY: usize = 16;

/// Opens a session. Returns the transport for its driver and the event stream for its client.
pub(super) fn open(
    sessions: &SseSessions,
    access: &Arc<AccessCell>,
) -> Result<(SseTransport, EventStream), getrandom::Error> {
    let id = new_id()?;
    let (frames, incoming) = mpsc::channel(FRAMES_UNDER_WAY);
    let (outgoing, events) = mpsc::channel(FRAMES_UNDER_WAY);
    let (present, gone) = oneshot::channel();
    let held = Arc::new(HeldPosts::default());
    let stream = EventStream::new(&id, events, present);
    let inbox = PostInbox {
        frames,
        held: Arc::clone(&held),
        access: Arc::clone(access),
    };
    let registration = sessions.add(id, inbox);
    let transport = SseTransport::new(incoming, outgoing, held, gone, registration);
    Ok((transport, stream))
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

    use super::{new_id, open};
    use crate::peer::{AccessCell, ConnectionAccess};
    use crate::server::sse::sessions::SseSessions;

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
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        let (transport, _stream) = open(&sessions, &access).unwrap();
        let [id] = &sessions.ids()[..] else {
            panic!("there is one session");
        };
        assert!(sessions.find(id).is_some());
        drop(transport);
        assert!(sessions.find(id).is_none());
    }
}
