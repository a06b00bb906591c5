//! The file explorer in a real browser.

use std::fs;
use std::path::Path;

use devtools_runtime::{Auth, DevTools, DevToolsBuilder, Mode, Server};
use file_explorer::{
    Explorer, FileExplorer, GetInfo, ListFiles, PANEL_BASE, ReadFile, Watching, WriteFile, watch,
};
use tests::{codes, node};

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

// B44 B48 B49 B61
#[tokio::test(flavor = "multi_thread")]
async fn the_file_explorer_reads_saves_and_follows_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());

    let explorer = Explorer::open(folder.path()).unwrap();
    let (server, _watching) = serve(&explorer, Auth::None).await;
    let root = explorer.root().to_str().unwrap();
    node::run_browser("file-explorer.mjs", &[&server.url_of(PANEL_BASE), root]).await;
    server.shutdown().await;
}

// A39 B61
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

// B18 B47 B57 B61
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
