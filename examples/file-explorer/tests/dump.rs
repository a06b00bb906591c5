//! Tests of the file explorer's dump, without its server.

use std::fs;

use devtools_runtime::{CallError, DevTools, DevToolsRpcClient, Mode};
use file_explorer::{Explorer, FileExplorer, GetInfo, ListFiles, PANEL_BASE, ReadFile, WriteFile};

#[tokio::test]
async fn the_file_explorer_is_read_from_a_dump() {
    let shown = tempfile::tempdir().unwrap();
    fs::write(shown.path().join("hello.txt"), "hello\n").unwrap();
    fs::create_dir(shown.path().join("src")).unwrap();
    fs::write(shown.path().join("src/main.rs"), "fn main() {}\n").unwrap();
    fs::write(shown.path().join("blob.bin"), [0, 159, 146, 150]).unwrap();
    let explorer = Explorer::open(shown.path()).unwrap();
    let devtools = DevTools::builder()
        .mode(Mode::Build)
        .cwd(explorer.root())
        .without_collected()
        .function(GetInfo::definition())
        .function(ListFiles::definition())
        .function(ReadFile::definition())
        .function(WriteFile::definition())
        .plugin(FileExplorer::new(explorer))
        .build()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let report = devtools.build(&dist).await.unwrap();
    assert!(report.failed_functions.is_empty(), "{report}");
    let failed: Vec<_> = report
        .failed_records
        .iter()
        .map(|record| &*record.arguments)
        .collect();
    assert_eq!(failed, [r#"["blob.bin"]"#], "{report}");
    let not_static: Vec<_> = report
        .not_static
        .iter()
        .map(|other| &*other.function)
        .collect();
    assert!(not_static.contains(&"file-explorer:write-file"), "{report}");

    let live = devtools.client();
    let rpc = DevToolsRpcClient::open_static(&dist).await.unwrap();
    assert_eq!(GetInfo::call(&rpc).await.unwrap().mode, Mode::Build);
    let paths = |files: Vec<file_explorer::FileEntry>| -> Vec<String> {
        files.into_iter().map(|file| file.path).collect()
    };
    let listed = paths(ListFiles::call(&rpc).await.unwrap());
    assert_eq!(listed, ["blob.bin", "hello.txt", "src/main.rs"]);
    assert_eq!(listed, paths(ListFiles::call(&live).await.unwrap()));
    for path in ["hello.txt", "src/main.rs"] {
        let read = ReadFile::call(&rpc, path).await.unwrap();
        assert_eq!(
            read.content,
            ReadFile::call(&live, path).await.unwrap().content
        );
    }
    match ReadFile::call(&rpc, "blob.bin").await {
        Err(CallError::Remote(error)) => assert_eq!(error.message, "`blob.bin` is a binary file"),
        other => panic!("{other:?}"),
    }
    let unlisted = ReadFile::call(&rpc, "/etc/passwd").await.unwrap_err();
    assert!(
        unlisted.to_string().contains("file-explorer:read-file"),
        "{unlisted}"
    );
    assert!(WriteFile::call(&rpc, "hello.txt", "x").await.is_err());

    // The page contains no path of the machine.
    let page = dist.join(PANEL_BASE.trim_matches('/'));
    let app = fs::read_to_string(page.join("app.js")).unwrap();
    assert!(app.contains("from './__client.js'"));
    assert!(page.join("__client.js").is_file());
}
