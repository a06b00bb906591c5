//! The listener of a server, which accepts connections and serves them.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tower_service::Service;

use crate::host::{Serving, share_of_descriptors};
use crate::peer::Limits;
use crate::server::access::Addresses;
use crate::server::body::ResponseBody;
use crate::server::connections::{Connections, ServedConnection};
use crate::server::encryption::Encryption;
use crate::server::error::ListenError;
use crate::server::paced::{Pace, Paced};
use crate::server::service::DevToolsService;

/// How long to wait after a failed `accept`.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections are ended at once when there are no file descriptors left.
const ENDED_AT_ONCE: usize = 8;

/// How long to wait until the ended connections have freed their descriptors.
const ENDING: Duration = Duration::from_millis(5);

/// A bound address that accepts connections. Dropping it ends the connections at once.
pub(crate) struct Listening {
    addresses: Arc<Addresses>,
    accepting: AbortOnDropHandle<()>,
    ends: Ends,
}

/// The two signals that end the connections of one server.
#[derive(Clone)]
struct Ends {
    /// Ends connections at once, because the server was dropped.
    dropped: CancellationToken,
    /// Ends connections after the replies of running calls were delivered.
    closing: CancellationToken,
}

impl Listening {
    pub(crate) async fn bind(
        serving: Arc<Serving>,
        address: impl ToSocketAddrs,
        encryption: Encryption,
    ) -> Result<Self, ListenError> {
        let listener = bind(address).await?;
        let address = listener.local_addr().map_err(ListenError::Unusable)?;
        let may_expose = serving.context.trust().is_some() || serving.settings.expose_without_auth;
        if !may_expose && !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let ends = Ends {
            dropped: CancellationToken::new(),
            closing: serving.closing.child_token(),
        };
        let addresses = Addresses::of(&listener, encryption.scheme()).await;
        let addresses = Arc::new(addresses.map_err(ListenError::Unusable)?);
        let service = DevToolsService::standalone(
            Arc::clone(&serving),
            Arc::clone(&addresses),
            ends.closing.clone(),
        );
        let accepting = accept(listener, encryption, serving, service, ends.clone());
        let accepting = tokio::spawn(accepting);
        Ok(Self {
            addresses,
            accepting: AbortOnDropHandle::new(accepting),
            ends,
        })
    }

    /// Returns the addresses at which the server is reached.
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops accepting connections.
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

/// Binds the first of the addresses that can be bound.
async fn bind(address: impl ToSocketAddrs) -> Result<TcpListener, ListenError> {
    let addresses = tokio::net::lookup_host(address).await;
    let mut refused = None;
    for address in addresses.map_err(ListenError::Unknown)? {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(ListenError::Bind(address, error)),
        }
    }
    let no_address = || ListenError::Unknown(io::ErrorKind::AddrNotAvailable.into());
    Err(refused.unwrap_or_else(no_address))
}

async fn accept(
    listener: TcpListener,
    encryption: Encryption,
    serving: Arc<Serving>,
    service: DevToolsService,
    ends: Ends,
) {
    let limits = Arc::clone(serving.context.limits());
    let connections = Arc::new(Connections::new(share_of_descriptors(limits.connections)));
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = connections.open();
                let service = ConnectionService {
                    service: service.clone(),
                    peer,
                    connection: connection.shared(),
                };
                let serve = serve(
                    stream,
                    encryption.clone(),
                    service,
                    ends.clone(),
                    Arc::clone(&limits),
                );
                serving.tasks.spawn(async move {
                    // An ended connection is dropped without a shutdown, because its file descriptor is needed for the
                    // next one.
                    tokio::select! {
                        () = serve => {}
                        () = connection.ended() => tracing::debug!("dropped a connection to make room for another one"),
                    }
                });
            }
            Err(error) if is_out_of_descriptors(&error) => {
                // The waiting connection stays in the backlog. Untrusted connections are ended to free a descriptor for it.
                let ended = connections.end_oldest(ENDED_AT_ONCE)
                    + serving.context.evict_untrusted(ENDED_AT_ONCE);
                tracing::warn!(%error, ended, "could not accept a connection: no file descriptors are left; ending untrusted ones");
                let pause = if ended > 0 { ENDING } else { ACCEPT_PAUSE };
                tokio::time::sleep(pause).await;
            }
            Err(error) => {
                // The waiting connections stay in the backlog.
                tracing::warn!(%error, "could not accept a connection; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves the requests of one connection, until it closes or becomes a WebSocket.
async fn serve(
    stream: TcpStream,
    encryption: Encryption,
    mut service: ConnectionService,
    ends: Ends,
    limits: Arc<Limits>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY: small frames may be delayed");
    }
    let Ends { dropped, closing } = ends;
    let Limits {
        grace,
        handshake,
        least_rate,
        ..
    } = *limits;
    if let Ok(address) = stream.local_addr() {
        service.service = service.service.reached_at(address.ip());
    }
    let secured = tokio::select! {
        secured = tokio::time::timeout(handshake, encryption.accept(stream)) => secured,
        () = dropped.cancelled() => return,
        () = closing.cancelled() => return,
    };
    let stream = match secured {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "could not encrypt a connection");
            return;
        }
        Err(_) => {
            tracing::debug!("could not encrypt a connection within the limit `handshake`");
            return;
        }
    };
    let pace = Pace {
        patience: handshake,
        least_rate,
    };
    let stream = Paced::new(stream, pace);
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
            // Requests in progress are still answered, such as the held POSTs of a session over server-sent events.
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut connection => Some(ended),
                () = dropped.cancelled() => None,
                () = tokio::time::sleep(grace) => None,
            }
        }
    };
    if let Some(Err(error)) = ended {
        tracing::debug!(%error, "an HTTP connection failed");
    }
}

/// Returns whether the process, or the system, has no file descriptor left.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;

        let codes = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
        error
            .raw_os_error()
            .is_some_and(|code| codes.contains(&code))
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// The service of one connection. It adds the client's address and the connection to the extensions of each request.
#[derive(Clone)]
struct ConnectionService {
    service: DevToolsService,
    peer: SocketAddr,
    connection: Arc<ServedConnection>,
}

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = <DevToolsService as Service<Request<Incoming>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Incoming>>::poll_ready(&mut self.service, context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        let extensions = request.extensions_mut();
        extensions.insert(self.peer);
        extensions.insert(Arc::clone(&self.connection));
        self.service.call(request)
    }
}
