//! A client over a single connection, which exists already. The client does not reconnect.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::client::handle::DevToolsRpcClient;
use crate::client::no_scope::NoScope;
use crate::client::status::ConnectionStatus;
use crate::client::token::TokenCell;
use crate::function::{Registry, SharedScope};
use crate::peer::{
    AccessCell, ConnectionAccess, DetachedCalls, Driver, Functions, Limits, Peer, ResultCache,
    Transport,
};
use crate::state::ClientStates;
use crate::streaming::ClientStreams;

impl DevToolsRpcClient {
    /// Creates a client at the other end of `transport`, and a task that serves it. The client is trusted and does not
    /// reconnect.
    pub(crate) fn over<T>(transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        Self::sharing(ClientStates::new(limits), transport, limits)
    }

    /// Creates a client for a static dump, whose states cannot be changed.
    pub(crate) fn over_dump<T>(transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        Self::sharing(ClientStates::of_dump(limits), transport, limits)
    }

    fn sharing<T>(shared: ClientStates, transport: T, limits: &Limits) -> Self
    where
        T: Transport + Send + 'static,
    {
        let limits = Arc::new(*limits);
        let closing = CancellationToken::new();
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        let cache = Arc::new(ResultCache::new(false));
        let (peer, mut queue) = Peer::with_cache(&limits, closing.clone(), access, Some(cache));
        let functions = Registry::new();
        let streams = ClientStreams::new(peer.clone(), &functions);
        streams.resume();
        let shared = Arc::new(shared);
        shared.hear(&functions);
        let answers = Functions::new(functions.subscribe(), Arc::new(NoScope) as SharedScope);
        let (changes, status) = watch::channel(ConnectionStatus::Connected);
        let reading = Arc::clone(&streams);
        let (synced, speaker) = (Arc::clone(&shared), peer.clone());
        // The task ends with the connection, which ends when the last clone is dropped.
        drop(tokio::spawn(async move {
            let mut driver = Driver::new(transport, answers, &mut queue);
            let ended = tokio::select! {
                ended = driver.run() => ended,
                never = synced.sync(&speaker) => match never {},
            };
            let left_behind = driver.into_running();
            if let Err(error) = ended {
                tracing::debug!(%error, "the connection broke");
            }
            drop(queue);
            reading.close();
            changes.send_replace(ConnectionStatus::Disconnected);
            let detached = DetachedCalls::default().add(left_behind.running_to_end());
            left_behind.finish(detached).await;
        }));
        let token = TokenCell::default();
        Self::new(
            peer,
            functions,
            status,
            token,
            streams,
            shared,
            closing.drop_guard(),
        )
    }
}
