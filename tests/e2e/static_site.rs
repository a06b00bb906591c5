//! Static dumps behind a plain file server, read by the JavaScript clients.

use tests::node;

// B18 B24 B25 B26 B27 B35 B43
#[tokio::test(flavor = "multi_thread")]
async fn the_clients_read_what_the_real_builder_wrote() {
    node::run("static-client.mjs", &[]).await;
}

// B18 B24 B25 B27 B35 B43
#[tokio::test(flavor = "multi_thread")]
async fn pages_read_what_the_real_builder_wrote() {
    node::run_browser("static-page.mjs", &[]).await;
}
