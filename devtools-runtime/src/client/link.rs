//! The task behind a client, which connects, signs in, and reconnects after the connection was lost.
//!
//! The queue between the client's handles and the driver outlives the connections. While there is no connection, calls fail
//! at once. Calls that wait when a connection ends fail too.

use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::alive::is_alive;
use crate::client::connect::{AnyTransport, FoundEndpoints, discover};
use crate::client::dial::Dialer;
use crate::client::error::ConnectError;
use crate::client::handle::DevToolsRpcClient;
use crate::client::no_scope::NoScope;
use crate::client::options::ClientOptions;
use crate::client::status::ConnectionStatus;
use crate::client::token::TokenCell;
use crate::client::trust::earn;
use crate::function::{CallError, Delivery, Registry, RpcFunction, SharedScope, protocol_event};
use crate::peer::{
    AccessCell, ConnectionAccess, DetachedCalls, Driver, Functions, Peer, PeerQueue, ResultCache,
    Transport, TransportError,
};
use crate::protocol::auth::Revoked;
use crate::protocol::cache::{CacheableFunctions, InvalidateCache};
use crate::state::ClientStates;
use crate::streaming::ClientStreams;

/// How long the server may take to answer a check that follows the timeout of a call.
const PATIENCE: Duration = Duration::from_secs(10);

/// The task that makes a client's connections, one after another.
pub(crate) struct Link {
    options: ClientOptions,
    dialer: Dialer,
    token: TokenCell,
    functions: Functions,
    /// The peer for calls before the server trusts the client.
    peer: Peer,
    queue: PeerQueue,
    access: Arc<AccessCell>,
    status: watch::Sender<ConnectionStatus>,
    cache: Arc<ResultCache>,
    notices: Arc<Notices>,
    streams: Arc<ClientStreams>,
    states: Arc<ClientStates>,
    closing: CancellationToken,
    /// The running calls of client functions whose connections have ended.
    left_behind: JoinSet<()>,
    detached: DetachedCalls,
    /// The sender to the caller that waits for the first connection.
    first: Option<oneshot::Sender<Result<(), ConnectError>>>,
}

/// Notifications from the server to the client itself.
#[derive(Default)]
struct Notices {
    revoked: Notify,
    invalidated: Notify,
}

/// The end of a connection.
enum ConnectionEnd {
    /// The server closed the connection, or it failed.
    Lost(ConnectionStatus),
    /// The connection could not be made.
    Failed(ConnectError),
    /// The server no longer trusts the client.
    Revoked,
}

impl Link {
    /// Connects for the first time, and starts the task for the client that it returns.
    pub(crate) async fn connect(
        options: ClientOptions,
        token: Option<String>,
    ) -> Result<DevToolsRpcClient, ConnectError> {
        let closing = CancellationToken::new();
        // The connection ends when the client or this future is dropped.
        let guard = closing.clone().drop_guard();
        let access = Arc::new(AccessCell::new(ConnectionAccess::Down));
        let cache = Arc::new(ResultCache::new(options.cache_queries));
        let (peer, queue) = Peer::with_cache(
            &Arc::new(options.limits),
            closing.clone(),
            Arc::clone(&access),
            Some(Arc::clone(&cache)),
        );
        let notices = Arc::new(Notices::default());
        let registry = Registry::new();
        listen::<Revoked>(&registry, {
            let notices = Arc::clone(&notices);
            move || notices.revoked.notify_one()
        });
        listen::<InvalidateCache>(&registry, {
            let (notices, cache) = (Arc::clone(&notices), Arc::clone(&cache));
            move || {
                cache.clear();
                notices.invalidated.notify_one();
            }
        });
        let streams = ClientStreams::new(peer.clone(), &registry);
        let shared = Arc::new(ClientStates::new(&options.limits));
        shared.hear(&registry);
        let (status, statuses) = watch::channel(ConnectionStatus::Connecting);
        let (first, outcome) = oneshot::channel();
        let token = TokenCell::new(token, options.token_origins());
        let link = Self {
            dialer: options.dialer(),
            options,
            token: token.clone(),
            functions: Functions::new(registry.subscribe(), Arc::new(NoScope) as SharedScope),
            peer: peer.before_trust(),
            queue,
            access,
            status,
            cache,
            notices,
            streams: Arc::clone(&streams),
            states: Arc::clone(&shared),
            closing,
            left_behind: JoinSet::new(),
            detached: DetachedCalls::default(),
            first: Some(first),
        };
        // The task ends when `guard` is dropped.
        drop(tokio::spawn(link.run()));
        match outcome.await {
            Ok(Ok(())) => Ok(DevToolsRpcClient::new(
                peer, registry, statuses, token, streams, shared, guard,
            )),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ConnectError::Handshake(CallError::Disconnected(
                Delivery::MayHaveRun,
            ))),
        }
    }

    async fn run(mut self) {
        let closing = self.closing.clone();
        let streams = EndStreams(Arc::clone(&self.streams));
        let mut failed = 0;
        let last = loop {
            self.status.send_replace(ConnectionStatus::Connecting);
            let Some(end) = self.once_or_closed().await else {
                break ConnectionStatus::Disconnected;
            };
            let was_connected = self.access.get() == ConnectionAccess::Open;
            self.down();
            if closing.is_cancelled() {
                break ConnectionStatus::Disconnected;
            }
            if was_connected {
                failed = 0;
            }
            let status = match self.after(end) {
                ControlFlow::Continue(status) => status,
                ControlFlow::Break(status) => break status,
            };
            let Some(backoff) = self.options.reconnect else {
                break status;
            };
            self.status.send_replace(status);
            tokio::select! {
                () = self.ready_again(backoff.before(failed)) => failed = failed.saturating_add(1),
                () = closing.cancelled() => break ConnectionStatus::Disconnected,
            }
        };
        self.status.send_replace(last);
        drop(streams);
        let grace = self.options.limits.grace;
        let finish = async { while self.left_behind.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finish).await.is_err() {
            tracing::debug!(
                ?grace,
                "dropped calls of client functions that did not end in time"
            );
        }
    }

    /// Waits for `backoff`, and until at most `detached_calls` calls of earlier connections still run.
    async fn ready_again(&mut self, backoff: Duration) {
        tokio::time::sleep(backoff).await;
        while self.detached.get() > self.options.limits.detached_calls {
            if self.left_behind.join_next().await.is_none() {
                break;
            }
        }
    }

    /// Ends everything that belongs to the lost connection: calls fail, streams pause, and the cache is cleared.
    fn down(&mut self) {
        self.access.set(ConnectionAccess::Down);
        self.streams.down();
        self.queue.interrupt();
        self.cache.clear();
    }

    /// Decides whether to reconnect after the end of a connection, and returns the status until then.
    fn after(&mut self, end: ConnectionEnd) -> ControlFlow<ConnectionStatus, ConnectionStatus> {
        let error = match end {
            ConnectionEnd::Lost(_) if self.first.is_some() => {
                ConnectError::Handshake(CallError::Disconnected(Delivery::MayHaveRun))
            }
            ConnectionEnd::Lost(status) => return ControlFlow::Continue(status),
            ConnectionEnd::Revoked => {
                self.token.forget();
                if self.options.ask.is_some() {
                    return ControlFlow::Continue(ConnectionStatus::Unauthorized);
                }
                self.access.set(ConnectionAccess::Unauthorized);
                return ControlFlow::Break(ConnectionStatus::Unauthorized);
            }
            ConnectionEnd::Failed(error) => error,
        };
        let status = match error {
            ConnectError::Unauthorized
            | ConnectError::TokenWithheld { .. }
            | ConnectError::NoCodes
            | ConnectError::TooManyCodes { .. }
            | ConnectError::CodeNotShown { .. } => {
                self.access.set(ConnectionAccess::Unauthorized);
                ConnectionStatus::Unauthorized
            }
            _ => ConnectionStatus::Error,
        };
        if let Some(first) = self.first.take() {
            // The caller may have dropped its future.
            let _ = first.send(Err(error));
            return ControlFlow::Break(status);
        }
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "could not reconnect"
        );
        if status == ConnectionStatus::Unauthorized {
            return ControlFlow::Break(status);
        }
        ControlFlow::Continue(status)
    }

    /// Makes and serves one connection. Returns `None` if the client was closed before it was connected.
    async fn once_or_closed(&mut self) -> Option<ConnectionEnd> {
        let (closing, access) = (self.closing.clone(), Arc::clone(&self.access));
        let mut once = std::pin::pin!(self.once());
        tokio::select! {
            end = &mut once => Some(end),
            () = closing.cancelled() => match access.get() {
                // The driver sees the same token and closes the connection.
                ConnectionAccess::Open => Some(once.await),
                ConnectionAccess::Down | ConnectionAccess::Unauthorized => None,
            },
        }
    }

    /// Makes one connection and serves it until it ends.
    async fn once(&mut self) -> ConnectionEnd {
        let endpoints = match discover(&self.options, &self.dialer).await {
            Ok(endpoints) => endpoints,
            Err(error) => return ConnectionEnd::Failed(error),
        };
        let limits = &self.options.limits;
        self.queue.bound.set_other(limits, endpoints.frame_bytes());
        match self.open(&endpoints).await {
            Ok(AnyTransport::WebSocket(transport, url)) => self.serve(transport, Some(url)).await,
            Ok(AnyTransport::Sse(transport, url)) => self.serve(transport, Some(url)).await,
            Ok(AnyTransport::Static(transport)) => self.serve(transport, None).await,
            Err(error) => ConnectionEnd::Failed(error),
        }
    }

    async fn open(&self, endpoints: &FoundEndpoints) -> Result<AnyTransport, ConnectError> {
        let ClientOptions {
            transport, limits, ..
        } = &self.options;
        endpoints.open(*transport, &self.token, limits).await
    }

    /// Serves a connection to the server at `url`, or to the files of a dump.
    async fn serve(&mut self, transport: impl Transport, url: Option<Url>) -> ConnectionEnd {
        // Calls that were queued while the last connection ended must fail, because they belong to that connection.
        self.queue.interrupt();
        let functions = self.functions.clone();
        let peer = self.peer.with_timeout(self.options.limits.handshake);
        let mut driver = Driver::new(Box::new(transport), functions, &mut self.queue);
        let mut running = Box::pin(driver.run());
        let trusted = tokio::select! {
            ended = &mut running => return lost(ended),
            trusted = async {
                match &url {
                    Some(url) => earn(&peer, &mut self.options, &self.token, url).await,
                    // A dump needs no sign-in.
                    None => Ok(()),
                }
            } => trusted,
        };
        if let Err(error) = trusted {
            return ConnectionEnd::Failed(error);
        }
        self.access.set(ConnectionAccess::Open);
        self.streams.resume();
        self.status.send_replace(ConnectionStatus::Connected);
        if let Some(first) = self.first.take() {
            // If the caller has dropped its future, the connection ends with its guard.
            let _ = first.send(Ok(()));
        }
        let patience = self.options.limits.keep_alive.min(PATIENCE);
        let (notices, cache, states) = (&self.notices, &self.cache, &self.states);
        let (published, own) = (&self.status, &self.peer);
        // In this set, each future is polled only when it is woken itself. The driver wakes this task for every frame.
        let mut beside: FuturesUnordered<Pin<Box<dyn Future<Output = ConnectionEnd> + Send>>> =
            FuturesUnordered::new();
        beside.push(Box::pin(async {
            watch_over(&peer, patience, published).await;
            lost(Err(TransportError::Dead))
        }));
        beside.push(Box::pin(async {
            notices.revoked.notified().await;
            ConnectionEnd::Revoked
        }));
        beside.push(Box::pin(async {
            match keep_up(&peer, cache, notices).await {}
        }));
        beside.push(Box::pin(async { match states.sync(own).await {} }));
        let end = tokio::select! {
            ended = &mut running => lost(ended),
            Some(end) = beside.next() => end,
        };
        drop(beside);
        // Running actions continue in tasks of their own, so that the next connection does not wait for them.
        while self.left_behind.try_join_next().is_some() {}
        drop(running);
        let left_behind = driver.into_running();
        let detached = self.detached.add(left_behind.running_to_end());
        self.left_behind.spawn(left_behind.finish(detached));
        end
    }
}

/// Ends the client's streams when the task ends, however it ends, so that no reader waits for ever.
struct EndStreams(Arc<ClientStreams>);

impl Drop for EndStreams {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn lost(ended: Result<(), TransportError>) -> ConnectionEnd {
    ConnectionEnd::Lost(match ended {
        Ok(()) => ConnectionStatus::Disconnected,
        Err(error) => {
            tracing::debug!(%error, "the connection failed");
            ConnectionStatus::Error
        }
    })
}

/// Checks whether the server still answers after each timeout of a call. Resolves when it does not.
async fn watch_over(peer: &Peer, patience: Duration, status: &watch::Sender<ConnectionStatus>) {
    loop {
        peer.call_timed_out().await;
        status.send_replace(ConnectionStatus::Suspicious);
        if !is_alive(peer, patience).await {
            return;
        }
        status.send_replace(ConnectionStatus::Connected);
    }
}

/// Asks the server which queries are cacheable, now and after each invalidation.
async fn keep_up(peer: &Peer, cache: &ResultCache, notices: &Notices) -> std::convert::Infallible {
    loop {
        if cache.caches_queries() {
            // A server without this function has no cacheable queries.
            match peer.call_optional::<CacheableFunctions>(&()).await {
                Ok(names) => cache.allow(names.unwrap_or_default()),
                Err(error) => {
                    tracing::debug!(%error, "could not ask for the cacheable queries: none is cached");
                }
            }
        }
        notices.invalidated.notified().await;
    }
}

/// Calls `heard` whenever the server sends the event `F`.
fn listen<F: RpcFunction>(registry: &Registry, heard: impl Fn() + Send + Sync + 'static) {
    registry.replace(protocol_event::<F>(move |_arguments| heard()));
}
