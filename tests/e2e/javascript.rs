//! JavaScript clients against the Rust server: the real ones, and the small one that the server serves.

use tests::{fixture, node};

async fn check(program: &str) {
    let server = fixture::devtools().bind("127.0.0.1:0").await.unwrap();
    node::run(program, &[&server.url()]).await;
    server.shutdown().await;
}

// A1 A2 A3 A5 A13 A15 A16 A17 A25 A28 B1 B8 B10 B11 B12
#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_calls_the_rust_server() {
    check("devframe-client.mjs").await;
}

// A26 A27 B69
#[tokio::test(flavor = "multi_thread")]
async fn the_vite_devtools_kit_client_calls_the_rust_server() {
    check("kit-client.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_that_the_server_serves_calls_it() {
    check("client-js.mjs").await;
}
