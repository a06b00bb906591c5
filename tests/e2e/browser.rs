//! The file explorer in a real browser.

use std::fs;

use devtools_runtime::{Auth, DevTools};
use file_explorer::{
    Explorer, FileExplorer, GetInfo, ListFiles, PANEL_BASE, ReadFile, WriteFile, watch,
};
use tests::node;

// B44 B48 B49 B61
#[tokio::test(flavor = "multi_thread")]
async fn the_file_explorer_reads_saves_and_follows_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hello.txt"), "hello\n").unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(folder.path().join("blob.bin"), [0, 159, 146, 150]).unwrap();

    let explorer = Explorer::open(folder.path()).unwrap();
    let devtools = DevTools::builder()
        .cwd(explorer.root())
        .auth(Auth::None)
        // This program has other functions too, which were collected for other tests.
        .without_collected()
        .function(GetInfo::definition())
        .function(ListFiles::definition())
        .function(ReadFile::definition())
        .function(WriteFile::definition())
        .plugin(FileExplorer::new(explorer.clone()))
        .build()
        .await
        .unwrap();
    let _watching = watch(devtools.context().clone(), explorer.clone()).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let root = explorer.root().to_str().unwrap();
    node::run_browser("file-explorer.mjs", &[&server.url_of(PANEL_BASE), root]).await;
    server.shutdown().await;
}
