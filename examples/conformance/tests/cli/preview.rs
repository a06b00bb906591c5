//! Tests of `dev --static-preview`: answers from the dump, and the list of missed calls.

use devtools_runtime::DevToolsRpcClient;
use serde_json::{Value, json};

use crate::{Running, program};

#[tokio::test]
async fn it_says_what_the_static_build_would_miss() {
    let temporary = tempfile::tempdir().unwrap();
    let mut program = program(&["dev", "--port", "0", "--static-preview"]);
    program.env("TMPDIR", temporary.path());
    let server = Running::spawn(program).await;
    let client = DevToolsRpcClient::builder(&server.url).without_reconnect();
    let rpc = client.connect().await.unwrap();
    let call =
        async |name: &str, arguments: Value| rpc.call_dynamic::<Value>(name, arguments).await;

    let app = call("conformance:get-module", json!(["/src/App.vue"])).await;
    assert_eq!(app.unwrap()["size"], 2048);
    let info = call("conformance:get-info", json!([])).await.unwrap();
    assert_eq!(info["mode"], "build");
    for _ in 0..2 {
        let fallback = call("conformance:get-module", json!(["/src/c.ts"])).await;
        assert_eq!(fallback.unwrap(), Value::Null);
        assert!(call("conformance:add", json!([1, 2])).await.is_err());
        assert!(call("conformance:set-count", json!([1])).await.is_err());
    }
    rpc.close();

    let ended = server.end("TERM").await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let said: Vec<_> = ended
        .err
        .lines()
        .skip_while(|line| !line.starts_with("static"))
        .collect();
    assert_eq!(
        said,
        [
            "static build would miss conformance:get-module(\"/src/c.ts\"), and answer with the fallback",
            "static build would miss conformance:add(1, 2)",
            "conformance:set-count will not work statically: it is an action",
            "// conformance:add",
            "Dump::inputs([",
            "    (1, 2),",
            "])",
            "// conformance:get-module",
            "Dump::inputs([",
            "    (\"/src/c.ts\".into(), None),",
            "])",
            "// conformance:set-count will not work statically: it is an action",
        ]
    );
    let left = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(left, 0, "the dump is gone with the program");
}
