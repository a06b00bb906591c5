//! The service within an application.

use std::net::SocketAddr;

use crate::http::exchange::{PANEL, get};
use axum::Router;
use devtools_runtime::{DevTools, DevToolsRpcClient};
use tests::fixture::{Add, devtools};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_service_mounts_into_an_axum_application() {
    let devtools = devtools().build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/panel/", PANEL)
        .unwrap();
    let app = Router::new()
        .route("/", axum::routing::get(|| async { "the application" }))
        .nest_service("/tools/devtools", devtools.service());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    assert_eq!(get(address, "/").await.body, "the application");
    assert_eq!(get(address, "/tools/devtools/client.js").await.status, 200);
    assert_eq!(
        get(address, "/tools/devtools/panel/").await.body,
        "<!doctype html>panel"
    );
    let redirect = get(address, "/tools/devtools/panel").await;
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (308, Some("./panel/"))
    );
    for mount in ["/tools/devtools/", "/tools/devtools/panel/"] {
        let rpc = DevToolsRpcClient::connect(&format!("http://{address}{mount}"))
            .await
            .unwrap();
        assert_eq!(Add::call(&rpc, 2, 3).await.unwrap(), 5);
    }
    serving.abort();
}

/// An axum application with the service below a path.
pub(super) struct Mounted {
    pub(super) address: SocketAddr,
    pub(super) serving: tokio::task::JoinHandle<()>,
}

impl Mounted {
    pub(super) async fn start(path: &str, devtools: &DevTools) -> Self {
        let app = Router::new().nest_service(path, devtools.service());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, serving }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
