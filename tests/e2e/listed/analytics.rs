//! The complete example of the guide, with the real client, and in a browser.

use std::path::Path;

use analytics::{Analytics, Metrics, PANEL_BASE, Watching, watch};
use devtools_runtime::{Auth, DevTools, Gate, Server};
use tests::node;

/// The metrics of a folder with one file of five bytes.
async fn serve(folder: &Path, auth: impl Into<Auth>) -> (Server, Watching) {
    std::fs::write(folder.join("main.ts"), "five!").unwrap();
    let metrics = Metrics::default();
    let devtools = DevTools::builder()
        .auth(auth)
        .without_collected() // other tests have functions in this program too
        .plugin(Analytics::new(metrics.clone()))
        .build()
        .await
        .unwrap();
    let watching = watch(devtools.context().clone(), metrics, folder).unwrap();
    (devtools.bind("127.0.0.1:0").await.unwrap(), watching)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_reaches_the_panel_which_calls_back() {
    let folder = tempfile::tempdir().unwrap();
    let (server, _watching) = serve(folder.path(), Auth::None).await;
    let folder = folder.path().to_str().unwrap();
    // The page finds the functions from where it is, as the guide's pages do.
    node::run("analytics.mjs", &[&server.url_of(PANEL_BASE), folder]).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_opens_with_the_printed_link() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::new().memory().on_code(|_| {});
    let (server, _watching) = serve(folder.path(), gate).await;
    let (page, link) = (server.url_of(PANEL_BASE), server.sign_in_url(PANEL_BASE));
    let arguments = [&*page, &link, folder.path().to_str().unwrap()];
    node::run_browser("analytics-panel.mjs", &arguments).await;
    server.shutdown().await;
}
