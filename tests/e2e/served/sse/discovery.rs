//! Where the route is, and who says so.

use axum::Router;
use devtools_runtime::EmbeddedFile;
use tests::fixture::devtools;
use tests::http::{answer, send};
use tokio::net::TcpListener;

use super::bare_http::Events;

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"panel")];

#[tokio::test]
async fn the_metadata_names_the_stream_after_the_socket() {
    let devtools = devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__panel/", PANEL).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    for (document, mount) in [("/__devtools/", ""), ("/__panel/", "../__devtools/")] {
        let path = format!("{document}__connection.json");
        let meta = answer(send(server.local_addr(), "GET", &path, &[], "").await).await;
        let begins = format!(
            r#"{{"backend":"websocket","websocket":{{"path":"{mount}__ws"}},"sse":{{"path":"{mount}__sse"}},"#
        );
        assert!(meta.body.starts_with(&begins), "{}", meta.body);
    }
}

#[tokio::test]
async fn a_mounted_service_has_sessions_too() {
    let devtools = devtools().build().await.unwrap();
    let app = Router::new().nest_service("/tools", devtools.service());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut events = Events::open(address, "/tools/__sse", &[]).await;
    events.works().await;
    devtools.shutdown().await;
    assert_eq!(events.next().await, None);
    serving.abort();
}
