//! Opening a session, and removing it when it ends.

use std::time::Duration;

use crate::host::arrival::Arrival;
use crate::host::context::DevToolsContext;
use crate::host::permit::SessionPermit;
use crate::host::session::{Credential, RpcSession};
use crate::peer::Peer;

/// How long the server waits for a client's reply by default.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// An open session. Dropping it removes the session from the list.
#[derive(Debug)]
pub(crate) struct OpenSession {
    context: DevToolsContext,
    session: RpcSession,
    permit: Option<SessionPermit>,
}

impl OpenSession {
    /// Opens a session over `peer`. `credential` makes it trusted, if it has one.
    pub(crate) fn new(
        context: &DevToolsContext,
        arrival: Arrival,
        credential: Option<Credential>,
        peer: Peer,
        permit: SessionPermit,
    ) -> Self {
        let sessions = context.sessions();
        let id = sessions.next_id();
        let session = RpcSession::new(id, arrival, credential, peer.with_timeout(CALL_TIMEOUT));
        {
            let mut open = sessions.lock();
            open.sessions.insert(id, session.clone());
            open.list = None;
        }
        sessions.connected.notify(&session);
        Self {
            context: context.clone(),
            session,
            permit: Some(permit),
        }
    }

    pub(crate) fn session(&self) -> &RpcSession {
        &self.session
    }

    /// Takes the permit out, so that the end of the session does not free its slot.
    pub(crate) fn take_permit(&mut self) -> Option<SessionPermit> {
        self.permit.take()
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        let sessions = self.context.sessions();
        {
            // One critical section: a reader that no longer sees the session in the list finds its counters in the sums and
            // its slot free.
            let mut open = sessions.lock();
            open.sessions.remove(&self.session.id());
            open.list = None;
            sessions.tally.ended(self.session.stats());
            drop(self.permit.take());
        }
        sessions.disconnected.notify(&self.session);
    }
}
