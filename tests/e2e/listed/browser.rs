//! Pages in a real browser: those of the file explorer, of servers that are mounted somewhere, and of other origins.

use std::fs;
use std::path::Path;
use std::time::Duration;

use devtools_runtime::testing::{Recording, ReplayOptions};
use devtools_runtime::{Auth, DevTools, DevToolsBuilder, EmbeddedFile, Mode, Server};
use file_explorer::{
    Explorer, FileExplorer, GetInfo, ListFiles, PANEL_BASE, ReadFile, Watching, WriteFile, watch,
};
use tests::fixture::Add;
use tests::{codes, node};

/// A page that calls a function, wherever it is mounted.
const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><link rel=\"icon\" href=\"data:,\"><title>?</title><p>the panel</p><script type=\"module\">
        import { connect } from './__client.js'
        const rpc = await connect()
        document.title = await rpc.call('e2e:add', 2, 3)
    </script>",
)];

/// A server with these views, whose codes go to a file.
async fn with_views(views: &[&str], files: &'static [EmbeddedFile], codes: &Path) -> DevTools {
    let builder = DevTools::builder().without_collected().base("/x/y/");
    let builder = builder.function(Add::definition()).auth(codes::gate(codes));
    // With an inspector, the address of the mount shows a page also if there is only one view.
    let builder = builder.inspector(views.len() != 1);
    let devtools = builder.build().await.unwrap();
    for view in views {
        devtools.context().views().host_static(view, files).unwrap();
    }
    devtools
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_links_lead_to_pages_that_use_them_wherever_they_are_mounted() {
    let codes = tempfile::tempdir().unwrap();
    let codes = codes.path().join("code.json");
    for views in [&["/__a/", "/__b/"][..], &["/__a/"], &[]] {
        let devtools = with_views(views, PANEL, &codes).await;
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        let relative: Vec<_> = views.iter().map(|view| format!("../..{view}")).collect();
        let arguments = [&*server.url(), &relative.join(","), codes.to_str().unwrap()];
        node::run_browser("front-page.mjs", &arguments).await;
        server.shutdown().await;

        let devtools = with_views(views, PANEL, &codes).await;
        let app = axum::Router::new().nest_service("/tools/x", devtools.service());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mount = format!("http://{}/tools/x/", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let relative: Vec<_> = views.iter().map(|view| format!(".{view}")).collect();
        let arguments = [&*mount, &relative.join(","), codes.to_str().unwrap()];
        node::run_browser("front-page.mjs", &arguments).await;
        serving.abort();
        devtools.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_allowed_origin_import_the_client_and_call() {
    let builder = DevTools::builder().without_collected().auth(Auth::None);
    let builder = builder
        .allow_origin("panel.example")
        .allow_frame("panel.example");
    let devtools = builder.function(Add::definition()).build().await.unwrap();
    devtools
        .context()
        .views()
        .host_static("/__panel/", PANEL)
        .unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    node::run_browser("other-origin.mjs", &[&server.url()]).await;
    server.shutdown().await;
}

/// The file explorer of a folder.
fn devtools(explorer: &Explorer) -> DevToolsBuilder {
    DevTools::builder()
        .cwd(explorer.root())
        // This program has other functions too, which were collected for other tests.
        .without_collected()
        .function(GetInfo::definition())
        .function(ListFiles::definition())
        .function(ReadFile::definition())
        .function(WriteFile::definition())
        .plugin(FileExplorer::new(explorer.clone()))
}

/// The same, on a server that whoever passes `auth` may use.
async fn serve(explorer: &Explorer, auth: impl Into<Auth>) -> (Server, Watching) {
    let devtools = devtools(explorer).auth(auth).build().await.unwrap();
    let watching = watch(devtools.context().clone(), explorer.clone()).unwrap();
    (devtools.bind("127.0.0.1:0").await.unwrap(), watching)
}

fn fill(folder: &Path) {
    fs::write(folder.join("hello.txt"), "hello\n").unwrap();
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(folder.join("blob.bin"), [0, 159, 146, 150]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_explorer_reads_saves_and_follows_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());

    let explorer = Explorer::open(folder.path()).unwrap();
    let recordings = tempfile::tempdir().unwrap();
    let recording = recordings.path().join("tour.jsonl");
    let live = devtools(&explorer).auth(Auth::None).record(&recording);
    let live = live.build().await.unwrap();
    let watching = watch(live.context().clone(), explorer.clone()).unwrap();
    let server = live.bind("127.0.0.1:0").await.unwrap();
    let root = explorer.root().to_str().unwrap();
    let arguments = [&*server.url_of(PANEL_BASE), root, "live"];
    node::run_browser("file-explorer.mjs", &arguments).await;
    server.shutdown().await;
    drop(watching);
    if let Some(kept) = std::env::var_os("KEEP_RECORDING") {
        fs::copy(&recording, kept).unwrap();
    }

    // The recording passes the same checks, over another folder, where nothing is watched.
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let root = folder.path().to_str().unwrap();
    let recording = Recording::open(&recording).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let replaying = devtools(&Explorer::open(empty.path()).unwrap()).auth(Auth::None);
    let replaying = replaying.build().await.unwrap();
    // A busy machine may be slower now than when it recorded. An event that is sent before its time is one that the checks wait for in vain.
    let options = ReplayOptions::new().patience(Duration::from_secs(100));
    replaying.replay(&recording, options).unwrap();
    let server = replaying.bind("127.0.0.1:0").await.unwrap();
    let arguments = [&*server.url_of(PANEL_BASE), root, "replay"];
    node::run_browser("file-explorer.mjs", &arguments).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_opens_for_who_has_the_link_or_the_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hello.txt"), "hello\n").unwrap();
    let codes = tempfile::tempdir().unwrap();
    let codes = codes.path().join("code.json");

    let explorer = Explorer::open(folder.path()).unwrap();
    let (server, _watching) = serve(&explorer, codes::gate(&codes)).await;
    let root = explorer.root().to_str().unwrap();
    let (page, link) = (server.url_of(PANEL_BASE), server.sign_in_url(PANEL_BASE));
    let arguments = [&page, &link, codes.to_str().unwrap(), root];
    node::run_browser("sign-in.mjs", &arguments).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_explorer_is_read_only_on_a_static_dump() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let dump = tempfile::tempdir().unwrap();
    let dump = dump.path().join("dump");

    let explorer = Explorer::open(folder.path()).unwrap();
    let devtools = devtools(&explorer).mode(Mode::Build).build().await.unwrap();
    devtools.build(&dump).await.unwrap();
    let root = explorer.root().to_str().unwrap();
    let arguments = [dump.to_str().unwrap(), root];
    node::run_browser("file-explorer-static.mjs", &arguments).await;
}
