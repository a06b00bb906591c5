//! A server of its own: it listens, and ends when told to.

use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::devtools::DevTools;
use crate::server::{DevToolsService, ServeError};

/// How long a client may take to send the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait after the operating system could not give a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server that takes connections. Dropping it ends it and its sessions at once; [`shutdown`](Self::shutdown) is the
/// polite way.
pub struct Server {
    devtools: DevTools,
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

impl Server {
    pub(crate) async fn bind(
        devtools: DevTools,
        address: impl ToSocketAddrs,
    ) -> Result<Self, ServeError> {
        let listener = TcpListener::bind(address).await.map_err(ServeError::Bind)?;
        let address = listener.local_addr().map_err(ServeError::Bind)?;
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        let ends = Ends {
            dropped: CancellationToken::new(),
            closing: devtools.connections().closing.child_token(),
        };
        let accepting = tokio::spawn(accept(listener, devtools.clone(), ends.clone()));
        Ok(Self {
            devtools,
            address,
            accepting: AbortOnDropHandle::new(accepting),
            ends,
        })
    }

    /// The address the server listens at.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the functions' mount: what a client connects to.
    pub fn url(&self) -> String {
        self.url_of(&self.devtools.settings().base)
    }

    /// The URL of a path on this server, such as the base of a view.
    pub fn url_of(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What is served.
    pub fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// Serves until the process is told to end (SIGINT, SIGTERM), then shuts down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn run(self) {
        told_to_end().await;
        tracing::info!("shutting down");
        self.shutdown().await;
    }

    /// Takes no more connections, ends those there are, and waits until their calls have ended, for
    /// [`Limits::grace`](crate::Limits::grace) at most.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn shutdown(self) {
        self.accepting.abort();
        self.devtools.shutdown().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.dropped.cancel();
        self.ends.closing.cancel();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, devtools: DevTools, ends: Ends) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = serve(stream, devtools.clone(), ends.clone());
                devtools.connections().tasks.spawn(connection);
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
async fn serve(stream: TcpStream, devtools: DevTools, ends: Ends) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small frames may be held back");
    }
    let Ends { dropped, closing } = ends;
    let grace = devtools.context().limits().grace;
    let service = TowerToHyperService::new(DevToolsService::standalone(devtools, closing.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
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

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(error) => {
                tracing::warn!(%error, "SIGTERM ends the process at once");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = interrupted() => {}
        () = terminated => {}
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "an interrupt ends the process at once");
        std::future::pending::<()>().await;
    }
}
