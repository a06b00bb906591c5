//! The complete example of the guide, with the real client.

use analytics::{Analytics, Metrics, PANEL_BASE, watch};
use devtools_runtime::{Auth, DevTools};
use tests::node;

// B88 B89 B90 B91 B92 B93
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_reaches_the_panel_which_calls_back() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.ts"), "five!").unwrap();
    let metrics = Metrics::default();
    let devtools = DevTools::builder()
        .auth(Auth::None)
        .without_collected() // other tests have functions in this program too
        .plugin(Analytics::new(metrics.clone()))
        .build()
        .await
        .unwrap();
    let _watching = watch(devtools.context().clone(), metrics, folder.path()).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let folder = folder.path().to_str().unwrap();
    // The page finds the functions from where it is, as the guide's pages do.
    node::run("analytics.mjs", &[&server.url_of(PANEL_BASE), folder]).await;
    server.shutdown().await;
}
