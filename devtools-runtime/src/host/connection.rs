//! Serving one connection with the functions of a context.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::host::trust::Trust;
use crate::host::{Arrival, DevToolsContext, OpenSession, Place, RpcSession};
use crate::peer::{
    Access, Caller as _, CloseReason, Driver, Functions, Peer, PeerQueue, Transport, TransportError,
};

/// Why a session is closed for another one.
const EVICTED: &str = "there are too many sessions that have not signed in";

/// Why a session is closed that stays untrusted.
const TOO_LATE: &str = "it did not sign in in time: the limit `untrusted.sign_in`";

/// How long a stranger may take to be told why its session is closed.
const FAREWELL: Duration = Duration::from_millis(50);

/// A session that is in the list and is told things, before its connection is served.
///
/// Dropping it takes the session out of the list.
pub(crate) struct Opened {
    open: OpenSession,
    subscriptions: Subscriptions,
    queue: PeerQueue,
    evicted: CancellationToken,
}

impl DevToolsContext {
    /// Serves a connection until it closes, or until `closing` is cancelled.
    ///
    /// Resolves once its last action has ended.
    pub(crate) async fn serve_connection<T: Transport>(
        &self,
        transport: T,
        mut arrival: Arrival,
        place: Place,
        closing: CancellationToken,
    ) {
        let brought = arrival.token.take();
        let revocations = self.trust().map(Trust::revocations);
        let token = match (self.trust(), brought) {
            // A client whose token cannot be looked up now shows it again in the handshake, and is told so there.
            (Some(trust), Some(token)) if matches!(trust.knows(&token).await, Ok(true)) => {
                arrival.access.set(Access::Open);
                Some(token)
            }
            _ => None,
        };
        let opened = self.open_session(arrival, token, place, closing);
        let session = opened.open.session();
        if let (Some(trust), Some(token)) = (self.trust(), session.token()) {
            if revocations != Some(trust.revocations()) {
                // Revoked just before the session could be found.
                session.distrust();
                let _ = trust.admit(session, &token).await;
            }
        }
        self.serve_session(opened, transport).await;
    }

    /// Opens a session inside the process. It is trusted: whoever is there could read the code as well.
    #[cfg(feature = "client")]
    pub(crate) fn open_local(&self, place: Place, closing: CancellationToken) -> Opened {
        self.open_session(Arrival::local(), None, place, closing)
    }

    fn open_session(
        &self,
        arrival: Arrival,
        token: Option<String>,
        place: Place,
        closing: CancellationToken,
    ) -> Opened {
        let (peer, queue) = Peer::new(self.limits(), closing, Arc::clone(&arrival.access));
        let evicted = place.evicted();
        let open = OpenSession::new(self, arrival, token, peer, place);
        let subscriptions = Subscriptions {
            context: self.clone(),
            session: open.session().id(),
        };
        Opened {
            open,
            subscriptions,
            queue,
            evicted,
        }
    }

    /// Serves the connection of a session. Otherwise as [`serve_connection`](Self::serve_connection).
    pub(crate) async fn serve_session<T: Transport>(&self, opened: Opened, transport: T) {
        let Opened {
            mut open,
            subscriptions,
            mut queue,
            evicted,
        } = opened;
        let session = open.session().clone();
        let span = tracing::debug_span!("session", id = session.id());
        let serve = async {
            let scope = self.scope_of(session.clone());
            let stand_in = self.stand_in();
            let registry = stand_in.map_or(self.functions(), |stand_in| &stand_in.functions);
            let overlooked = stand_in.map(|stand_in| Arc::clone(&stand_in.overlooked));
            let functions = Functions::new(registry.subscribe(), scope)
                .gated(Arc::clone(session.access()))
                .watched(overlooked);
            let mut driver = Driver::new(transport, functions, &mut queue);
            tracing::debug!("connected");
            let ended = {
                let mut run = pin!(driver.run());
                let gone = tokio::select! {
                    ended = &mut run => Ok(ended),
                    () = evicted.cancelled() => Err(EVICTED),
                    () = stays_a_stranger(&session, self.limits().untrusted.sign_in) => Err(TOO_LATE),
                };
                match gone {
                    Ok(ended) => ended,
                    Err(reason) => {
                        tracing::debug!(reason, "closes an untrusted session");
                        self.sessions().tally.untrusted();
                        session.close(reason);
                        // A stranger is told why, but its place is not waited for.
                        let told = tokio::time::timeout(FAREWELL, run).await;
                        told.unwrap_or(Ok(()))
                    }
                }
            };
            let left_behind = driver.into_running();
            let tally = &self.sessions().tally;
            if *session.peer().close_reason() == CloseReason::Congested {
                tally.congested();
            }
            if matches!(ended, Err(TransportError::Dead)) {
                tally.dead();
            }
            let detached = tally.detached.add(left_behind.running_to_end());
            let place = (tally.detached.get() > self.limits().detached_calls).then(|| {
                tracing::warn!(
                    limit = self.limits().detached_calls,
                    "a session that has ended keeps its place until its actions have: there are `detached_calls` already"
                );
                open.keep_place()
            });
            drop((open, subscriptions, queue));
            match ended {
                Ok(()) => tracing::debug!("disconnected"),
                Err(error) => tracing::debug!(%error, "the connection broke"),
            }
            left_behind.finish(detached).await;
            drop(place);
        };
        serve.instrument(span).await;
    }
}

/// Resolves once a session has been untrusted for so long, from its beginning.
async fn stays_a_stranger(session: &RpcSession, limit: Duration) {
    if session.is_trusted() || tokio::time::timeout(limit, session.trusted()).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// What a session has subscribed to: dropping this forgets it, however the session ends.
struct Subscriptions {
    context: DevToolsContext,
    session: u64,
}

impl Drop for Subscriptions {
    fn drop(&mut self) {
        self.context.states().forget(self.session);
    }
}
