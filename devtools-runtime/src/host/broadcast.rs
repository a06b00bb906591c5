//! Calling every client at once.
//!
//! The frame is written once for all. It is handed to each session's queue without waiting, so that no
//! client can hold up another.

use std::fmt;

use crate::function::{CallError, NotifyError, RpcFunction};
use crate::host::{Audience, RpcSession};
use crate::peer::{BroadcastCall, Caller, Unsent, event};

/// What one client answered to a broadcast.
#[non_exhaustive]
pub struct BroadcastReply<F: RpcFunction> {
    /// The client.
    pub session: RpcSession,
    /// Its answer. [`CallError::UnknownFunction`] if it has no such function, [`CallError::Remote`] if that
    /// failed, [`CallError::Timeout`] or [`CallError::Disconnected`] if nothing came back.
    pub result: Result<F::Output, CallError<F::Error>>,
}

impl<F: RpcFunction<Output: fmt::Debug, Error: fmt::Debug>> fmt::Debug for BroadcastReply<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroadcastReply")
            .field("session", &self.session.id())
            .field("result", &self.result)
            .finish()
    }
}

/// Sends an event to every session. Returns how many it was queued for.
///
/// A session that has no room left would miss events without knowing, so it is closed: its client
/// notices, and can start over.
pub(crate) fn broadcast_event<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> Result<usize, NotifyError> {
    let sessions = audience.into_sessions();
    if sessions.is_empty() {
        return Ok(0);
    }
    let frame = event::<F>(arguments)?;
    let mut reached = 0;
    for session in sessions {
        match session.peer().try_send(frame.clone()) {
            Ok(()) => reached += 1,
            Err(Unsent::Closed | Unsent::Unauthorized) => {}
            Err(Unsent::Full) => {
                tracing::warn!(
                    session = session.id(),
                    "closed a session that does not read: its queue is over `queued_frames`"
                );
                session.close();
            }
        }
    }
    Ok(reached)
}

/// Calls `F` on every session, and collects the answers in the order the sessions connected.
///
/// All requests leave before the first answer is waited for, and every session has the same time.
pub(crate) fn broadcast_call<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> impl Future<Output = Vec<BroadcastReply<F>>> + Send + use<F> {
    let sessions = audience.into_sessions();
    let call = BroadcastCall::new::<F>(arguments);
    let begun: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            let pending = call.begin(session.peer());
            (session, pending)
        })
        .collect();
    async move {
        let mut replies = Vec::with_capacity(begun.len());
        for (session, pending) in begun {
            let result = pending.finish::<F>().await;
            replies.push(BroadcastReply { session, result });
        }
        replies
    }
}
