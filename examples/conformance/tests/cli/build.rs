//! Tests of `build`: its files, its output and its exit status.

use std::fs;

use devtools_runtime::DevToolsRpcClient;
use serde_json::{Value, json};

use crate::run;

#[tokio::test]
async fn it_writes_a_dump_that_a_client_reads() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let ended = run(&["build", "--out", dist.to_str().unwrap()]).await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.out.contains("conformance:get-module"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("\"plain\""),
        "what failed: {}",
        ended.out
    );
    // Without a terminal the progress lines stay, and the last one has the full counts.
    assert!(!ended.err.contains('\x1b'), "{:?}", ended.err);
    assert!(ended.err.contains(" records, "), "{}", ended.err);

    let rpc = DevToolsRpcClient::open_static(&dist).await.unwrap();
    let call =
        async |name: &str, arguments: Value| rpc.call_dynamic::<Value>(name, arguments).await;
    let info = call("conformance:get-info", json!([])).await.unwrap();
    assert_eq!(info["mode"], "build");
    let app = call("conformance:get-module", json!(["/src/App.vue"])).await;
    assert_eq!(app.unwrap()["size"], 2048);
    let nope = call("conformance:get-module", json!(["/nope"])).await;
    assert_eq!(nope.unwrap(), Value::Null);
    let snapshot = call("conformance:snapshot", json!([])).await;
    assert_eq!(snapshot.unwrap(), json!({ "modules": 2 }));
    assert!(call("conformance:add", json!([1, 2])).await.is_err());
}

#[tokio::test]
async fn errors_keep_their_names_and_causes() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    run(&["build", "--out", dist.to_str().unwrap()]).await;
    let mut errors: Vec<Value> = fs::read_dir(dist.join("__rpc-dump"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("conformance~fail.record."))
        .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        .collect();
    errors.sort_by_key(|record: &Value| record["inputs"][0].to_string());
    assert_eq!(
        Value::from(errors),
        json!([
            {
                "inputs": ["cause"],
                "error": {
                    "name": "Error",
                    "message": "boom",
                    "cause": { "name": "Error", "message": "disk full" },
                },
            },
            { "inputs": ["named"], "error": { "name": "QuotaExceededError", "message": "boom" } },
            { "inputs": ["plain"], "error": { "name": "Error", "message": "boom" } },
        ])
    );
}

#[tokio::test]
async fn check_and_diff_end_with_a_status() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let dir = dist.to_str().unwrap();
    let nothing = run(&["build", "--check", dir]).await;
    assert_eq!(nothing.status, Some(1));
    assert!(nothing.err.starts_with("error: "), "{}", nothing.err);

    for _ in 0..2 {
        let built = run(&["build", "--out", dir]).await;
        assert_eq!(built.status, Some(0), "also over its own: {}", built.err);
    }
    for what in ["--check", "--diff"] {
        let same = run(&["build", what, dir]).await;
        assert_eq!(same.status, Some(0), "{what}: {}{}", same.out, same.err);
    }

    let indented = run(&["build", "--diff", dir, "--pretty"]).await;
    assert_eq!(indented.status, Some(1), "{}", indented.err);
    assert!(
        indented.out.contains("conformance:snapshot"),
        "{}",
        indented.out
    );

    let index = dist.join("index.html");
    fs::write(&index, "<!doctype html>").unwrap();
    let changed = run(&["build", "--check", dir]).await;
    assert_eq!(changed.status, Some(1), "{}", changed.err);
    assert!(changed.out.contains("index.html"), "{}", changed.out);
    assert_eq!(fs::read_to_string(&index).unwrap(), "<!doctype html>");
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thesis.txt");
    fs::write(&file, "years of work").unwrap();
    let refused = run(&["build", "--out", folder.path().to_str().unwrap()]).await;
    assert_eq!(refused.status, Some(1));
    assert_eq!(refused.out, "");
    assert!(refused.err.contains("no build wrote it"), "{}", refused.err);
    assert_eq!(fs::read_to_string(file).unwrap(), "years of work");
}

#[tokio::test]
async fn strict_writes_nothing_where_a_call_fails() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let refused = run(&["build", "--strict", "--out", dist.to_str().unwrap()]).await;
    assert_eq!(refused.status, Some(1));
    assert!(refused.err.contains("conformance:fail"), "{}", refused.err);
    assert!(!dist.exists());
}

#[tokio::test]
async fn it_does_one_thing() {
    for arguments in [
        &["build"][..],
        &["build", "--out", "a", "--check", "b"],
        &["build", "--out", "a", "--concurrency", "0"],
    ] {
        let ended = run(arguments).await;
        assert_eq!(ended.status, Some(2), "{arguments:?}: {}", ended.err);
    }
}
