//! Serving one connection with the functions of a context.

use futures_core::Stream;
use futures_sink::Sink;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::host::{DevToolsContext, SessionTransport};
use crate::peer::{Driver, Frame, Functions, Peer, TransportError};

impl DevToolsContext {
    /// Serves a connection until it closes, or until `closing` is cancelled.
    ///
    /// Resolves once its last action has ended.
    pub(crate) async fn serve_connection<T>(
        &self,
        transport: T,
        kind: SessionTransport,
        closing: CancellationToken,
    ) where
        T: Stream<Item = Result<Frame, TransportError>>
            + Sink<Frame, Error = TransportError>
            + Unpin,
    {
        let (peer, queue) = Peer::new(self.limits(), closing);
        let open = self.sessions().open(kind, self.trusts_everybody(), peer);
        let session = open.session().clone();
        let span = tracing::debug_span!("session", id = session.id());
        let serve = async {
            let functions =
                Functions::new(self.functions().subscribe(), self.scope_of(session.clone()));
            let driver = Driver::new(transport, functions, queue, self.limits());
            tracing::debug!("connected");
            let (ended, left_behind) = driver.run().await;
            drop(open);
            match ended {
                Ok(()) => tracing::debug!("disconnected"),
                Err(error) => tracing::debug!(%error, "the connection broke"),
            }
            left_behind.finish().await;
        };
        serve.instrument(span).await;
    }
}
