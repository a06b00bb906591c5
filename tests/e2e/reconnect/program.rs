//! The server of these tests, and the parts that they share.

use std::net::SocketAddr;
use std::time::Duration;

use devtools_runtime::client::{Backoff, ConnectionStatus, DevToolsRpcClientBuilder};
use devtools_runtime::context::SessionTransport;
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, RpcSession, Server, rpc_function};
use tokio::sync::watch;

use crate::caching::WithRuns as _;
use crate::wait::{SHORT, within};

/// Returns the caller and its transport.
#[rpc_function(name = "reconnect:whoami")]
pub(crate) fn whoami(session: &RpcSession) -> (u64, SessionTransport) {
    (session.id(), session.transport())
}

pub(crate) const SOON: Backoff = Backoff::new()
    .first(Duration::from_millis(5))
    .longest(Duration::from_millis(20));

pub(crate) async fn serve(auth: impl Into<Auth>, address: SocketAddr) -> Server {
    let devtools = DevTools::builder().auth(auth).build_with_runs().await;
    devtools.bind(address).await.unwrap()
}

pub(crate) fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) fn client_of(server: &Server) -> DevToolsRpcClientBuilder {
    DevToolsRpcClient::builder(&server.url()).reconnect(SOON)
}

#[track_caller]
pub(crate) fn until(
    status: &mut watch::Receiver<ConnectionStatus>,
    wanted: ConnectionStatus,
) -> impl Future<Output = ()> {
    within(SHORT, async move {
        let reached = status.wait_for(|status| *status == wanted);
        drop(reached.await.unwrap());
    })
}

/// A server of metadata that lead elsewhere.
pub(crate) async fn leads_to(address: SocketAddr) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let metadata = format!(
        r#"{{"backend":"websocket","websocket":"ws://{address}/__devtools/__ws","sse":"http://{address}/__devtools/__sse"}}"#
    );
    let answer = move || {
        let metadata = metadata.clone();
        async move { metadata }
    };
    let app = axum::Router::new().route("/__connection.json", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}
