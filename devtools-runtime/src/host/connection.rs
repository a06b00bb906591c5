//! Serving one connection with the functions of a context.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

#[cfg(feature = "client")]
use crate::host::trust::Identity;
use crate::host::trust::Trust;
use crate::host::{Arrival, Credential, DevToolsContext, OpenSession, RpcSession, SessionPermit};
#[cfg(feature = "inspector")]
use crate::peer::TrafficTap;
use crate::peer::{
    Access, Caller as _, CloseReason, Driver, Functions, Peer, PeerQueue, Transport, TransportError,
};

/// The reason sent to an untrusted session that is closed to make room for another one.
const EVICTED: &str = "there are too many sessions that have not signed in";

/// The reason sent to a session that stayed untrusted for too long.
const TOO_LATE: &str = "it did not sign in in time: the limit `untrusted.sign_in`";

/// How long the reason for closing an untrusted session may take to send.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(50);

/// A session that is in the list and receives broadcasts, but whose connection is not served yet.
///
/// Dropping it removes the session from the list.
pub(crate) struct PendingSession {
    open: OpenSession,
    subscriptions: Subscriptions,
    queue: PeerQueue,
    evicted: CancellationToken,
}

impl DevToolsContext {
    /// Serves a connection until it closes or `closing` is cancelled, then waits for the actions that still run.
    pub(crate) async fn serve_connection<T: Transport>(
        &self,
        transport: T,
        mut arrival: Arrival,
        permit: SessionPermit,
        closing: CancellationToken,
    ) {
        let brought = arrival.token.take();
        let revocations = self.trust().map(Trust::revocations);
        let token = match (self.trust(), brought) {
            // If the token cannot be looked up now, the client sends it again in the handshake, where it receives an error.
            (Some(trust), Some(token)) if matches!(trust.knows(&token).await, Ok(true)) => {
                arrival.access.set(Access::Open);
                Some(token)
            }
            _ => None,
        };
        let credential = self.trust().zip(token).map(|(trust, token)| Credential {
            identity: trust.identity(&token),
            token: token.into(),
        });
        let opened = self.open_session(arrival, credential, permit, closing);
        let session = opened.open.session();
        if let (Some(trust), Some(token)) = (self.trust(), session.token()) {
            if revocations != Some(trust.revocations()) {
                // A revocation came between the look-up and the session's entry in the list, so the token is checked again.
                session.distrust();
                let _ = trust.admit(session, &token).await;
            }
        }
        self.serve_session(opened, transport).await;
    }

    /// Opens a session for a client inside the process. It is trusted: code in the process could read the one-time code too.
    #[cfg(feature = "client")]
    pub(crate) fn open_local(
        &self,
        identity: Option<Identity>,
        permit: SessionPermit,
        closing: CancellationToken,
    ) -> PendingSession {
        let arrival = Arrival {
            identity: identity.map(Arc::new),
            ..Arrival::local()
        };
        self.open_session(arrival, None, permit, closing)
    }

    fn open_session(
        &self,
        arrival: Arrival,
        credential: Option<Credential>,
        permit: SessionPermit,
        closing: CancellationToken,
    ) -> PendingSession {
        #[cfg_attr(
            not(feature = "inspector"),
            expect(unused_mut, reason = "only the inspector changes it")
        )]
        let (peer, mut queue) = Peer::new(self.limits(), closing, Arc::clone(&arrival.access));
        let evicted = permit.evicted();
        let open = OpenSession::new(self, arrival, credential, peer, permit);
        #[cfg(feature = "inspector")]
        {
            let log = self.traffic().map(Arc::clone);
            queue.tap = log.map(|log| TrafficTap::new(log, open.session().id()));
        }
        let subscriptions = Subscriptions {
            context: self.clone(),
            session: open.session().id(),
        };
        PendingSession {
            open,
            subscriptions,
            queue,
            evicted,
        }
    }

    /// Serves the connection of an opened session, as [`serve_connection`](Self::serve_connection) does.
    pub(crate) async fn serve_session<T: Transport>(&self, opened: PendingSession, transport: T) {
        let PendingSession {
            mut open,
            subscriptions,
            mut queue,
            evicted,
        } = opened;
        let session = open.session().clone();
        let span = tracing::debug_span!("session", id = session.id());
        let serve = async {
            let scope = self.scope_of(session.clone());
            let replacement = self.replacement();
            let registry =
                replacement.map_or(self.functions(), |replacement| &replacement.functions);
            let on_unknown_call =
                replacement.map(|replacement| Arc::clone(&replacement.on_unknown_call));
            let functions = Functions::new(registry.subscribe(), scope)
                .gated(Arc::clone(session.access()))
                .reporting_to(on_unknown_call);
            let mut driver = Driver::new(transport, functions, &mut queue);
            tracing::debug!("connected");
            let ended = {
                let mut run = pin!(driver.run());
                let gone = tokio::select! {
                    ended = &mut run => Ok(ended),
                    () = evicted.cancelled() => Err(EVICTED),
                    () = sign_in_overdue(&session, self.limits().untrusted.sign_in) => Err(TOO_LATE),
                };
                match gone {
                    Ok(ended) => ended,
                    Err(reason) => {
                        tracing::debug!(reason, "closing an untrusted session");
                        self.sessions().tally.untrusted();
                        session.close(reason);
                        // The client gets a short time to receive the reason, so that it cannot delay the end of its session.
                        let closed = tokio::time::timeout(CLOSE_TIMEOUT, run).await;
                        closed.unwrap_or(Ok(()))
                    }
                }
            };
            let left_behind = driver.into_running();
            let tally = &self.sessions().tally;
            let reason = session.peer().close_reason();
            if *reason == CloseReason::Congested {
                tracing::warn!(session = session.id(), %reason, "closed a session");
                tally.congested();
            }
            if matches!(ended, Err(TransportError::Dead)) {
                tally.dead();
            }
            let detached = tally.detached.add(left_behind.running_to_end());
            let permit = (tally.detached.get() > self.limits().detached_calls).then(|| {
                tracing::warn!(
                    limit = self.limits().detached_calls,
                    "a session has ended and keeps its slot until its actions have ended: the limit `detached_calls` is reached"
                );
                open.take_permit()
            });
            drop((open, subscriptions, queue));
            match ended {
                Ok(()) => tracing::debug!("disconnected"),
                Err(error) => tracing::debug!(%error, "the connection failed"),
            }
            left_behind.finish(detached).await;
            drop(permit);
        };
        serve.instrument(span).await;
    }
}

/// Resolves when the session is still untrusted after `limit`. Never resolves for a session that becomes trusted in time.
async fn sign_in_overdue(session: &RpcSession, limit: Duration) {
    if session.is_trusted() || tokio::time::timeout(limit, session.trusted()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// The subscriptions of a session to shared states. Dropping it removes them, however the session ends.
struct Subscriptions {
    context: DevToolsContext,
    session: u64,
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.context.states().forget(self.session);
    }
}
