//! Calling every client at once.

use crate::function::{NotifyError, RpcFunction};
use crate::host::DevToolsContext;
use crate::peer::{Caller, Unsent, event};

/// Sends an event to every session, written once for all. Returns how many it was queued for.
///
/// Nobody is waited for. A session that has no room left would miss events without knowing, so it is
/// closed: its client notices, and can start over.
pub(crate) fn broadcast_event<F: RpcFunction>(
    context: &DevToolsContext,
    arguments: &F::Args,
) -> Result<usize, NotifyError> {
    let sessions = context.sessions().list();
    if sessions.is_empty() {
        return Ok(0);
    }
    let frame = event::<F>(arguments)?;
    let mut reached = 0;
    for session in sessions {
        match session.peer().try_send(frame.clone()) {
            Ok(()) => reached += 1,
            Err(Unsent::Closed) => {}
            Err(Unsent::Full) => {
                tracing::warn!(
                    session = session.id(),
                    limit = context.limits().queued_frames,
                    "closed a session that does not read: its queue is over `queued_frames`"
                );
                session.close();
            }
        }
    }
    Ok(reached)
}
