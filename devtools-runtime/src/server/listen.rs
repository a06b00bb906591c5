//! Taking connections, until told to stop.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::host::Serving;
use crate::peer::Limits;
use crate::server::{DevToolsService, ListenError};

/// How long to wait after the operating system could not give a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// An address where connections are taken. Dropping it ends them at once.
pub(crate) struct Listening {
    address: SocketAddr,
    accepting: AbortOnDropHandle<()>,
    ends: Ends,
}

/// What ends the connections of one server.
#[derive(Clone)]
struct Ends {
    /// At once: nobody holds the server any more.
    dropped: CancellationToken,
    /// Politely: replies that are owed are still delivered.
    closing: CancellationToken,
}

impl Listening {
    pub(crate) async fn bind(
        serving: Arc<Serving>,
        address: impl ToSocketAddrs,
    ) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let is_kept = serving.context.trust().is_some() || serving.settings.expose_without_auth;
        if !is_kept && !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let ends = Ends {
            dropped: CancellationToken::new(),
            closing: serving.closing.child_token(),
        };
        let accepting = tokio::spawn(accept(listener, serving, ends.clone()));
        Ok(Self {
            address,
            accepting: AbortOnDropHandle::new(accepting),
            ends,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections.
    pub(crate) fn stop(&self) {
        self.accepting.abort();
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ends.dropped.cancel();
        self.ends.closing.cancel();
    }
}

async fn accept(listener: TcpListener, serving: Arc<Serving>, ends: Ends) {
    let service = DevToolsService::standalone(Arc::clone(&serving), ends.closing.clone());
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let limits = **serving.context.limits();
                let connection = serve(stream, service.clone(), ends.clone(), limits);
                serving.tasks.spawn(connection);
            }
            Err(error) => {
                // Out of file descriptors, mostly. The connections that wait are not lost.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves the requests of one connection, until it becomes a WebSocket.
async fn serve(stream: TcpStream, service: DevToolsService, ends: Ends, limits: Limits) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small frames may be held back");
    }
    let Ends { dropped, closing } = ends;
    let Limits {
        grace, handshake, ..
    } = limits;
    let service = match stream.local_addr() {
        Ok(address) => service.reached_at(address.ip()),
        Err(_) => service,
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(handshake)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = dropped.cancelled() => None,
        () = closing.cancelled() => {
            // What is being answered still is: a session over server-sent events owes its replies.
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut connection => Some(ended),
                () = dropped.cancelled() => None,
                () = tokio::time::sleep(grace) => None,
            }
        }
    };
    if let Some(Err(error)) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}
