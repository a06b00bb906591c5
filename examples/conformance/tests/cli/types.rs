//! Tests of `types`: files that are written, and files that are out of date.

use std::fs;

use crate::run;

#[tokio::test]
async fn declarations_are_written_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("panel/rpc.d.ts");
    let openrpc = folder.path().join("openrpc.json");
    let (path, openrpc_path) = (file.to_str().unwrap(), openrpc.to_str().unwrap());
    let arguments = ["types", "--out", path, "--openrpc", openrpc_path];
    let checked = [arguments.as_slice(), &["--check"]].concat();

    let missing = run(&checked).await;
    assert_eq!(missing.status, Some(1));
    assert!(
        missing.err.contains("rpc.d.ts is out of date"),
        "{}",
        missing.err
    );
    assert!(!file.exists());

    let written = run(&arguments).await;
    assert_eq!(
        (written.status, written.out.as_str()),
        (Some(0), ""),
        "{}",
        written.err
    );
    let text = fs::read_to_string(&file).unwrap();
    let get_module = "'conformance:get-module': (id: string, options?: ModuleOptionsInput) => Promise<Module | null>";
    assert!(text.contains(get_module), "{text}");
    assert!(text.contains("'conformance:state': Counted\n"), "{text}");
    assert!(text.contains("'conformance:numbers': number\n"), "{text}");
    // Types of the runtime are described without the Rust examples of their documentation.
    let mode = "/** The purpose of a context: to serve panels or to build a static dump. */\nexport type Mode =";
    assert!(text.contains(mode), "{text}");
    assert_eq!(run(&checked).await.status, Some(0));

    fs::write(&file, text.replace("size: number", "size: string")).unwrap();
    let stale = run(&checked).await;
    assert_eq!(stale.status, Some(1));
    assert!(
        stale.out.contains("-   size: string\n+   size: number\n"),
        "{}",
        stale.out
    );

    let document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&openrpc).unwrap()).unwrap();
    assert_eq!(document["info"]["title"], "conformance");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let methods = document["methods"].as_array().unwrap();
    let method = methods
        .iter()
        .find(|method| method["name"] == "conformance:get-module")
        .unwrap();
    assert_eq!(method["params"][0]["schema"]["type"], "string");
    assert_eq!(method["params"][1]["required"], false);
    assert!(document["components"]["schemas"]["Module"]["properties"]["id"].is_object());
}

#[tokio::test]
async fn what_to_write_must_be_said() {
    let ended = run(&["types"]).await;
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("--out <FILE>"), "{}", ended.err);
}

#[tokio::test]
async fn a_lock_says_what_breaks_callers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schema.lock");
    let arguments = ["types", "--lock", file.to_str().unwrap()];
    let checked = [arguments.as_slice(), &["--check"]].concat();
    assert_eq!(run(&arguments).await.status, Some(0));
    assert_eq!(run(&checked).await.status, Some(0));

    let mut lock: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let functions = lock["functions"].as_object_mut().unwrap();
    functions.remove("conformance:get-modules").unwrap();
    functions["conformance:get-module"]["parameters"][0]["type"] =
        serde_json::json!({ "type": "integer" });
    let integer = serde_json::json!({ "type": "integer" });
    let text = serde_json::json!({ "type": "string" });
    let channels = lock["channels"].as_object_mut().unwrap();
    assert_eq!(channels["conformance:numbers"]["chunk"], integer);
    channels["conformance:numbers"]["chunk"] = text.clone();
    channels.insert(
        "conformance:letters".to_owned(),
        channels["conformance:numbers"].clone(),
    );
    assert!(lock["sharedStates"]["conformance:state"].is_object());
    lock["types"]["Counted"]["properties"]["count"] = text;
    fs::write(&file, lock.to_string()).unwrap();
    let stale = run(&checked).await;
    assert_eq!(stale.status, Some(1));
    assert_eq!(
        stale.out,
        "breaks callers: parameter \"id\" of `conformance:get-module`: integer where string is expected\n\
         breaks callers: channel `conformance:letters` is gone\n\
         breaks callers: chunk of `conformance:numbers`: integer where string is expected\n\
         breaks callers: value of `conformance:state`: `count`: integer where string is expected\n\
         breaks callers: value that clients write to `conformance:state`: `count`: string where integer is expected\n\
         compatible: `conformance:get-modules` is new\n"
    );
}
