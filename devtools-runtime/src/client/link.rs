//! The task behind a client: it connects, earns trust, and comes back after the connection was lost.
//!
//! What outlives a connection is the queue between the client's handles and whatever driver there is. While
//! there is none, calls fail at once; so do those that waited when it ended.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::connect::{AnyTransport, Endpoints, discover};
use crate::client::trust::{TokenCell, earn};
use crate::client::{ConnectError, ConnectionStatus, DevToolsRpcClient, NoScope, Options};
use crate::function::{CallError, Delivery, Registry, RpcFunction, SharedScope, protocol_event};
use crate::peer::{
    Access, AccessCell, DetachedCalls, Driver, Functions, Peer, PeerQueue, ResultCache, Transport,
    TransportError,
};
use crate::protocol::auth::Revoked;
use crate::protocol::cache::{CacheableFunctions, InvalidateCache};
use crate::state::ClientStates;
use crate::streaming::ClientStreams;

/// How long the server may take for a sign of life that it is asked for because a call has waited in vain.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client's connection, again and again.
pub(crate) struct Link {
    options: Options,
    token: TokenCell,
    functions: Functions,
    /// For what goes on before there is trust.
    peer: Peer,
    queue: PeerQueue,
    access: Arc<AccessCell>,
    status: watch::Sender<ConnectionStatus>,
    cache: Arc<ResultCache>,
    notices: Arc<Notices>,
    streams: Arc<ClientStreams>,
    states: Arc<ClientStates>,
    closing: CancellationToken,
    /// What the server asked of the client over connections that have ended.
    left_behind: JoinSet<()>,
    detached: DetachedCalls,
    /// Who waits for the first connection.
    first: Option<oneshot::Sender<Result<(), ConnectError>>>,
}

/// What the server tells the client itself.
#[derive(Default)]
struct Notices {
    revoked: Notify,
    invalidated: Notify,
}

/// How a connection ended.
enum End {
    /// The other side closed it, or it broke.
    Lost(ConnectionStatus),
    /// It could not be made.
    Failed(ConnectError),
    /// The server does not trust the client any more.
    Revoked,
}

impl Link {
    /// Connects for the first time, and stays at work for the client it returns.
    pub(crate) async fn connect(
        options: Options,
        token: Option<String>,
    ) -> Result<DevToolsRpcClient, ConnectError> {
        let closing = CancellationToken::new();
        // The connection ends with the client, and with this future, should it be dropped.
        let guard = closing.clone().drop_guard();
        let access = Arc::new(AccessCell::new(Access::Down));
        let cache = Arc::new(ResultCache::new(options.cache_queries));
        let (peer, queue) = Peer::keeping(
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
        // The task owns itself: it ends when `guard` is dropped.
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
        let _streams = EndStreams(Arc::clone(&self.streams));
        let mut failed = 0;
        loop {
            self.status.send_replace(ConnectionStatus::Connecting);
            let Some(end) = self.once_or_closed().await else {
                break;
            };
            let was_connected = self.access.get() == Access::Open;
            self.down();
            if closing.is_cancelled() {
                break;
            }
            if was_connected {
                failed = 0;
            }
            match self.after(end) {
                ControlFlow::Continue(status) => drop(self.status.send_replace(status)),
                ControlFlow::Break(status) => {
                    self.status.send_replace(status);
                    return;
                }
            }
            let Some(backoff) = self.options.reconnect else {
                return;
            };
            tokio::select! {
                () = self.ready_again(backoff.before(failed)) => failed = failed.saturating_add(1),
                () = closing.cancelled() => break,
            }
        }
        self.status.send_replace(ConnectionStatus::Disconnected);
        let grace = self.options.limits.grace;
        let finish = async { while self.left_behind.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, finish).await.is_err() {
            tracing::debug!("dropped what the server asked of a client that is gone");
        }
    }

    /// Waits until it is time for another attempt: so long at least, and until not too much is left of earlier connections.
    async fn ready_again(&mut self, backoff: Duration) {
        tokio::time::sleep(backoff).await;
        while self.detached.get() > self.options.limits.detached_calls {
            if self.left_behind.join_next().await.is_none() {
                break;
            }
        }
    }

    /// No connection: whatever waits for one fails, and what was kept may be old.
    fn down(&mut self) {
        self.access.set(Access::Down);
        self.streams.down();
        self.queue.interrupt();
        self.cache.clear();
    }

    /// Whether to try again after a connection ended so, and what is to be said meanwhile.
    fn after(&mut self, end: End) -> ControlFlow<ConnectionStatus, ConnectionStatus> {
        let error = match end {
            End::Lost(_) if self.first.is_some() => {
                ConnectError::Handshake(CallError::Disconnected(Delivery::MayHaveRun))
            }
            End::Lost(status) => return ControlFlow::Continue(status),
            End::Revoked => {
                self.token.forget();
                if self.options.ask.is_some() {
                    return ControlFlow::Continue(ConnectionStatus::Unauthorized);
                }
                self.access.set(Access::Unauthorized);
                return ControlFlow::Break(ConnectionStatus::Unauthorized);
            }
            End::Failed(error) => error,
        };
        let status = match error {
            ConnectError::Unauthorized
            | ConnectError::TokenWithheld { .. }
            | ConnectError::NoCodes
            | ConnectError::TooManyCodes { .. } => {
                self.access.set(Access::Unauthorized);
                ConnectionStatus::Unauthorized
            }
            _ => ConnectionStatus::Error,
        };
        if let Some(first) = self.first.take() {
            // Whoever waited may have given up.
            let _ = first.send(Err(error));
            return ControlFlow::Break(status);
        }
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "could not connect again"
        );
        if status == ConnectionStatus::Unauthorized {
            return ControlFlow::Break(status);
        }
        ControlFlow::Continue(status)
    }

    /// One connection; `None` if the client was closed before there was one.
    async fn once_or_closed(&mut self) -> Option<End> {
        let (closing, access) = (self.closing.clone(), Arc::clone(&self.access));
        let mut once = std::pin::pin!(self.once());
        tokio::select! {
            end = &mut once => Some(end),
            () = closing.cancelled() => match access.get() {
                // The driver has seen it too, and says farewell.
                Access::Open => Some(once.await),
                Access::Down | Access::Unauthorized => None,
            },
        }
    }

    /// One connection, from its beginning to its end.
    async fn once(&mut self) -> End {
        let endpoints = match discover(&self.options.url, &self.options.limits).await {
            Ok(endpoints) => endpoints,
            Err(error) => return End::Failed(error),
        };
        let limits = &self.options.limits;
        self.queue.bound.set_other(limits, endpoints.frame_bytes());
        match self.open(&endpoints).await {
            Ok(AnyTransport::WebSocket(transport, url)) => self.serve(transport, Some(url)).await,
            Ok(AnyTransport::Sse(transport, url)) => self.serve(transport, Some(url)).await,
            Ok(AnyTransport::Static(transport)) => self.serve(transport, None).await,
            Err(error) => End::Failed(error),
        }
    }

    async fn open(&self, endpoints: &Endpoints) -> Result<AnyTransport, ConnectError> {
        let Options {
            transport, limits, ..
        } = &self.options;
        endpoints.open(*transport, &self.token, limits).await
    }

    /// Serves a connection to the server at `url`, or to the files of a dump.
    async fn serve(&mut self, transport: impl Transport, url: Option<Url>) -> End {
        // A call that was begun just when the last connection ended is not for this one.
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
                    // Files trust everybody.
                    None => Ok(()),
                }
            } => trusted,
        };
        if let Err(error) = trusted {
            return End::Failed(error);
        }
        self.access.set(Access::Open);
        self.streams.resume();
        self.status.send_replace(ConnectionStatus::Connected);
        if let Some(first) = self.first.take() {
            // Whoever waited may have given up; the connection then ends with its guard.
            let _ = first.send(Ok(()));
        }
        let keep_up = keep_up(&peer, &self.cache, &self.notices);
        let patience = self.options.limits.keep_alive.min(PATIENCE);
        let end = tokio::select! {
            ended = &mut running => lost(ended),
            () = watch_over(&peer, patience, &self.status) => lost(Err(TransportError::Dead)),
            () = self.notices.revoked.notified() => return End::Revoked,
            never = keep_up => match never {},
            never = self.states.sync(&self.peer) => match never {},
        };
        // Actions run to their end, which the next connection does not wait for.
        while self.left_behind.try_join_next().is_some() {}
        drop(running);
        let left_behind = driver.into_running();
        let detached = self.detached.add(left_behind.running_to_end());
        self.left_behind.spawn(left_behind.finish(detached));
        end
    }
}

/// Ends what is read however the task ends, so that nobody waits for ever.
struct EndStreams(Arc<ClientStreams>);

impl Drop for EndStreams {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn lost(ended: Result<(), TransportError>) -> End {
    End::Lost(match ended {
        Ok(()) => ConnectionStatus::Disconnected,
        Err(error) => {
            tracing::debug!(%error, "the connection broke");
            ConnectionStatus::Error
        }
    })
}

/// Asks the server for a sign of life whenever a call has waited in vain. Resolves once none comes.
async fn watch_over(peer: &Peer, patience: Duration, status: &watch::Sender<ConnectionStatus>) {
    loop {
        peer.doubted().await;
        status.send_replace(ConnectionStatus::Suspicious);
        if !peer.is_alive(patience).await {
            return;
        }
        status.send_replace(ConnectionStatus::Connected);
    }
}

/// Learns what may be kept, now and whenever it may have changed.
async fn keep_up(peer: &Peer, cache: &ResultCache, notices: &Notices) -> std::convert::Infallible {
    loop {
        if cache.keeps_queries() {
            // A server that does not know the question lets nothing be kept.
            match peer.call_optional::<CacheableFunctions>(&()).await {
                Ok(names) => cache.allow(names.unwrap_or_default()),
                Err(error) => tracing::debug!(%error, "no query is kept"),
            }
        }
        notices.invalidated.notified().await;
    }
}

/// Calls `heard` whenever the server sends the event `F`.
fn listen<F: RpcFunction>(registry: &Registry, heard: impl Fn() + Send + Sync + 'static) {
    registry.replace(protocol_event::<F>(move |_arguments| heard()));
}
