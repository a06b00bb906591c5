//! Serving one connection with the functions of a context.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::host::arrival::Arrival;
use crate::host::context::DevToolsContext;
use crate::host::open_session::OpenSession;
use crate::host::permit::SessionPermit;
use crate::host::session::{Credential, RpcSession};
use crate::host::trust::Trust;
#[cfg(feature = "_traffic")]
use crate::peer::FrameTap;
#[cfg(feature = "recording")]
use crate::peer::Interposed;
use crate::peer::{
    Caller as _, CloseReason, ConnectionAccess, Driver, Functions, Peer, PeerQueue, Transport,
    TransportError,
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
    /// Removed when the session has ended.
    _subscriptions: Subscriptions,
    queue: PeerQueue,
    evicted: CancellationToken,
}

impl DevToolsContext {
    /// Serves a connection until it closes or `closing` is cancelled, then waits for the actions that still run.
    pub(crate) async fn serve_connection<T: Transport>(
        &self,
        transport: T,
        arrival: Box<Arrival>,
        permit: SessionPermit,
        closing: CancellationToken,
    ) {
        // Boxed, so that the future of an idle connection does not contain the future that opened it.
        let opened = Box::pin(self.admit(arrival, permit, closing)).await;
        self.serve_session(opened, transport).await;
    }

    /// Opens the session of a client that has arrived. The session is trusted if the client has sent a valid token.
    async fn admit(
        &self,
        mut arrival: Box<Arrival>,
        permit: SessionPermit,
        closing: CancellationToken,
    ) -> Box<PendingSession> {
        let brought = arrival.token.take();
        let revocations = self.trust().map(Trust::revocations);
        let token = match (self.trust(), brought) {
            // If the token cannot be looked up now, the client sends it again in the handshake, where it receives an error.
            (Some(trust), Some(token)) if matches!(trust.knows(&token).await, Ok(true)) => {
                arrival.access.set(ConnectionAccess::Open);
                Some(token)
            }
            _ => None,
        };
        let credential = self.trust().zip(token).map(|(trust, token)| Credential {
            identity: trust.identity(&token),
            token: token.into(),
        });
        let opened = self.open_session(*arrival, credential, permit, closing);
        let session = opened.open.session();
        if let (Some(trust), Some(token)) = (self.trust(), session.token()) {
            if revocations != Some(trust.revocations()) {
                // A revocation came between the look-up and the session's entry in the list, so the token is checked again.
                session.distrust();
                let _ = trust.admit(session, &token).await;
            }
        }
        opened
    }

    /// Opens a session for a client inside the process.
    #[cfg(feature = "client")]
    pub(crate) fn open_local(
        &self,
        arrival: Arrival,
        permit: SessionPermit,
        closing: CancellationToken,
    ) -> Box<PendingSession> {
        self.open_session(arrival, None, permit, closing)
    }

    fn open_session(
        &self,
        arrival: Arrival,
        credential: Option<Credential>,
        permit: SessionPermit,
        closing: CancellationToken,
    ) -> Box<PendingSession> {
        #[cfg_attr(
            not(feature = "_traffic"),
            expect(unused_mut, reason = "only a tap changes it")
        )]
        let (peer, mut queue) = Peer::new(self.limits(), closing, Arc::clone(&arrival.access));
        let evicted = permit.evicted();
        let open = OpenSession::new(self, arrival, credential, peer, permit);
        #[cfg(feature = "_traffic")]
        {
            let session = open.session();
            queue.tap = self.tap(session.id(), session.token().as_deref());
        }
        let subscriptions = Subscriptions {
            context: self.clone(),
            session: open.session().id(),
        };
        Box::new(PendingSession {
            open,
            _subscriptions: subscriptions,
            queue,
            evicted,
        })
    }

    /// Returns the taps of a session, if its frames may be watched. `token` is kept out of recordings.
    #[cfg(feature = "_traffic")]
    #[cfg_attr(
        not(feature = "recording"),
        expect(unused_variables, reason = "nothing is recorded")
    )]
    pub(super) fn tap(&self, session: u64, token: Option<&str>) -> Option<FrameTap> {
        #[cfg(feature = "inspector")]
        let inspector = self
            .settings()
            .traffic
            .as_ref()
            .map(|log| crate::peer::TrafficTap::new(Arc::clone(log), session));
        #[cfg(not(feature = "inspector"))]
        let inspector = None;
        #[cfg(feature = "recording")]
        let sink = self.settings().frame_sink.clone();
        #[cfg(not(feature = "recording"))]
        let sink = None;
        #[cfg(feature = "recording")]
        if let (Some(sink), Some(token)) = (&sink, token) {
            sink.learn_secret(token);
        }
        FrameTap::new(session, inspector, sink)
    }

    /// Serves the connection of an opened session, as [`serve_connection`](Self::serve_connection) does.
    pub(crate) async fn serve_session<T: Transport>(
        &self,
        opened: Box<PendingSession>,
        transport: T,
    ) {
        let span = tracing::debug_span!("session", id = opened.open.session().id());
        self.served(opened, transport).instrument(span).await;
    }

    async fn served<T: Transport>(&self, mut opened: Box<PendingSession>, transport: T) {
        let session = opened.open.session().clone();
        #[cfg(feature = "recording")]
        let transport = {
            let interposer = self.interposer(session.access());
            Interposed::new(transport, interposer, self.tap(session.id(), None))
        };
        let mut driver = Driver::new(transport, self.functions_for(&session), &mut opened.queue);
        tracing::debug!("connected");
        let ended = {
            let mut run = pin!(driver.run());
            let gone = tokio::select! {
                ended = &mut run => Ok(ended),
                () = opened.evicted.cancelled() => Err(EVICTED),
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
            opened.open.take_permit()
        });
        drop(opened);
        #[cfg(feature = "recording")]
        if let Some(sink) = &self.settings().frame_sink {
            sink.session_ended(session.id());
        }
        match ended {
            Ok(()) => tracing::debug!("disconnected"),
            Err(error) => tracing::debug!(%error, "the connection failed"),
        }
        Box::pin(left_behind.finish(detached)).await;
        drop(permit);
    }

    /// Returns the functions that a session may call.
    fn functions_for(&self, session: &RpcSession) -> Functions {
        let scope = self.scope_of(session.clone());
        let replacement = self.replacement();
        let registry = replacement.map_or(self.functions(), |replacement| &replacement.functions);
        let on_unknown_call =
            replacement.map(|replacement| Arc::clone(&replacement.on_unknown_call));
        Functions::new(registry.subscribe(), scope)
            .gated(Arc::clone(session.access()))
            .reporting_to(on_unknown_call)
    }
}

/// Resolves when the session is still untrusted after `limit`. Never resolves for a session that becomes trusted in time.
async fn sign_in_overdue(session: &RpcSession, limit: Duration) {
    // Boxed, because most sessions are trusted.
    let is_in_time = session.is_trusted()
        || Box::pin(tokio::time::timeout(limit, session.trusted()))
            .await
            .is_ok();
    if is_in_time {
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
