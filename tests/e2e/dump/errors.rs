//! The records of calls that fail, and the report about them.

use std::io;
use std::time::Duration;

use devtools_runtime::dump::{DumpError, DumpOptions, NotStaticReason};
use devtools_runtime::js;
use devtools_runtime::{
    DevToolsContext, Dump, RpcError, Setup, SetupError, define_rpc_function, rpc_function,
};
use serde_json::{Value, json};

use crate::{dump, program, text};

#[derive(Debug, thiserror::Error)]
#[error("cannot save")]
struct CannotSave(#[source] io::Error);

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("no file at `{path}`")]
    NotFound { path: String },
    #[error("cannot read")]
    Io(#[from] io::Error),
    #[error("cannot open")]
    #[rpc_error(public)]
    Open { source: NoDevice },
}

#[derive(Debug, Default, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("no such device")]
struct NoDevice;

#[rpc_function(name = "errors:save", dump = saves)]
fn save(how: String) -> Result<(), CannotSave> {
    let error = io::Error::new(io::ErrorKind::StorageFull, "disk full");
    match &*how {
        "panic" => panic!("boom"),
        _ => Err(CannotSave(error)),
    }
}

fn saves(_ctx: &DevToolsContext) -> Dump<(String,), Result<(), CannotSave>> {
    let kept = Err(CannotSave(io::Error::other("of a record")));
    Dump::inputs([("cause".into(),), ("panic".into(),)]).record(("kept".into(),), kept)
}

#[rpc_function(name = "errors:read", dump = reads, encoding = "structured-clone")]
async fn read(path: String) -> Result<String, ReadError> {
    tokio::task::yield_now().await;
    match &*path {
        "/secret" => Err(io::Error::other("/home/me/secret"))?,
        "/device" => Err(ReadError::Open { source: NoDevice }),
        _ => Err(ReadError::NotFound { path }),
    }
}

fn reads(_ctx: &DevToolsContext) -> Dump<(String,), Result<String, ReadError>> {
    let paths = ["/nope", "/secret", "/device"];
    Dump::inputs(paths.map(|path| (path.to_owned(),)))
}

#[rpc_function(name = "errors:quota", dump = quotas)]
fn quota() -> Result<u8, js::Error> {
    Err(js::Error::with_name("QuotaExceededError", "boom"))
}

fn quotas(_ctx: &DevToolsContext) -> Dump<(), Result<u8, js::Error>> {
    Dump::inputs([()])
}

#[rpc_function(name = "errors:late", timeout = "10ms", dump = lates)]
async fn late() -> u8 {
    std::future::pending().await
}

fn lates(_ctx: &DevToolsContext) -> Dump<(), u8> {
    Dump::inputs([()])
}

#[rpc_function(name = "errors:broken-static", kind = "static")]
fn broken_static() -> Result<u8, CannotSave> {
    Err(CannotSave(io::Error::other("no")))
}

#[rpc_function(name = "errors:broken-dump", dump = no_dump)]
fn broken_dump(id: u8) -> u8 {
    id
}

fn no_dump(_ctx: &DevToolsContext) -> Dump<(u8,), u8> {
    panic!("no modules yet")
}

#[rpc_function(name = "errors:broken-inputs", dump = half_a_dump)]
fn broken_inputs(id: u8) -> u8 {
    id
}

fn half_a_dump(_ctx: &DevToolsContext) -> Dump<(u8,), u8> {
    Dump::inputs_from(|| (0..).map(|id| (if id < 2 { id } else { panic!("too many") },)))
}

#[rpc_function(name = "errors:broken-setup", setup)]
async fn broken_setup() -> Result<Setup<fn() -> u8>, SetupError> {
    Err("no database".into())
}

#[rpc_function(name = "errors:fine", kind = "static")]
fn fine() -> u8 {
    1
}

fn functions() -> Vec<devtools_runtime::FunctionDefinition> {
    vec![
        Save::definition(),
        Read::definition(),
        Quota::definition(),
        Late::definition(),
        BrokenStatic::definition(),
        BrokenDump::definition(),
        BrokenInputs::definition(),
        BrokenSetup::definition(),
        Fine::definition(),
    ]
}

/// The errors that a dump holds of a function, by the first argument.
fn errors(tree: &crate::Tree, function: &str) -> Vec<Value> {
    let prefix = format!("__rpc-dump/errors~{function}.record.");
    let records = tree.iter().filter(|(path, _)| path.starts_with(&prefix));
    records
        .map(|(_, content)| serde_json::from_slice(content).unwrap())
        .collect()
}

#[tokio::test]
async fn errors_are_kept_with_name_message_cause_code_and_data() {
    let (tree, report) = dump(functions(), DumpOptions::new()).await;
    let mut saves = errors(&tree, "save");
    saves.sort_by_key(|record| record["inputs"][0].to_string());
    let panicked = saves[2]["error"]["message"].clone();
    assert_eq!(
        tests::with_id(panicked.as_str().unwrap()),
        "internal error (id)"
    );
    let cause = |message| json!({ "name": "Error", "message": message });
    let error = |message| {
        let cause = cause(message);
        json!({ "name": "Error", "message": "cannot save", "cause": cause })
    };
    assert_eq!(
        saves,
        [
            json!({ "inputs": ["cause"], "error": error("disk full") }),
            json!({ "inputs": ["kept"], "error": error("of a record") }),
            json!({ "inputs": ["panic"], "error": { "name": "Error", "message": panicked } }),
        ]
    );
    let quota = &errors(&tree, "quota")[0];
    assert_eq!(
        quota["error"],
        json!({ "name": "QuotaExceededError", "message": "boom" })
    );
    assert_eq!(
        errors(&tree, "late")[0]["error"]["message"],
        json!("\"errors:late\" did not end within 10ms")
    );
    // Code and data are own properties, and in the message as they are on the wire.
    let reads: String = errors(&tree, "read").iter().map(Value::to_string).collect();
    for part in [
        r#"[0,"no file at `/nope`\n[code: not-found, data: {\"path\":\"/nope\"}]"]"#,
        r#"[0,"code"],[0,"not-found"],[0,"data"]"#,
        r#"[0,"internal error\n[code: io]"]"#,
        r#"[0,"cannot open\n[code: open, data: {\"source\":null}]"]"#,
        r#"[0,"cause"]"#,
        r#"[0,"no such device"]"#,
    ] {
        assert!(reads.contains(part), "{part} in {reads}");
    }
    assert!(
        !reads.contains("/home/me"),
        "an internal error leaks: {reads}"
    );
    let all: String = report.to_string();
    assert!(!all.contains("/home/me"), "{all}");
}

#[tokio::test]
async fn one_that_fails_stops_no_other() {
    let (tree, report) = dump(functions(), DumpOptions::new()).await;
    assert_eq!(
        text(&tree, "__rpc-dump/errors~fine.static.json"),
        r#"{"output":1}"#
    );
    assert_eq!(errors(&tree, "broken-inputs").len(), 2);
    let failed: Vec<(&str, &str)> = report
        .failed_functions
        .iter()
        .map(|failed| (&*failed.function, &*failed.message))
        .collect();
    assert_eq!(
        failed,
        [
            ("errors:broken-dump", "no modules yet"),
            ("errors:broken-setup", "no database"),
            ("errors:broken-static", "cannot save"),
        ]
    );
    assert_eq!(report.failed_record_count, 9);
    let ended = &report.failed_records[0];
    assert_eq!(ended.message, "the iterator of inputs panicked: too many");
    let save = report
        .failed_records
        .iter()
        .find(|failed| failed.function == "errors:save" && failed.message == "boom")
        .unwrap();
    assert_eq!(save.arguments, r#"["panic"]"#);
    let index: Value = serde_json::from_str(text(&tree, "__rpc-dump/index.json")).unwrap();
    assert!(index.get("errors:broken-static").is_none());
    assert!(!report.is_complete());
}

#[tokio::test]
async fn a_strict_build_that_is_not_complete_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    let strict = DumpOptions::new().strict();
    let program = program(functions()).await;
    let error = program.build_with(&dist, strict.clone()).await.unwrap_err();
    let DumpError::Incomplete(report) = error else {
        panic!("{error:?}");
    };
    assert_eq!(report.failed_functions.len(), 3);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let fine = crate::program(vec![Fine::definition()]).await;
    fine.build_with(&dist, strict.clone()).await.unwrap();
    program.build_with(&dist, strict).await.unwrap_err();
    assert_eq!(
        std::fs::read_to_string(dist.join("__rpc-dump/errors~fine.static.json")).unwrap(),
        r#"{"output":1}"#
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn the_report_says_what_will_not_work_and_why() {
    let query = |name: &'static str| define_rpc_function(name).query();
    let functions = vec![
        define_rpc_function("report:act").action().handler(|| ()),
        define_rpc_function("report:tell").event().handler(|| ()),
        query("report:metrics").handler(|| 1),
        query("report:list").handler(|_filter: Option<String>| 1),
        query("report:find").handler(|id: String| id),
        query("report:all").snapshot().handler(|| 1),
        query("report:some").handler(|id: u8| id),
    ];
    let options = DumpOptions::new()
        .inputs("report:some", [(1,), (2,)])
        .snapshot("report:none")
        .inputs("report:act", [()]);
    let (_, report) = dump(functions, options).await;
    let not_static: Vec<(&str, NotStaticReason)> = report
        .not_static
        .iter()
        .map(|other| (&*other.function, other.reason))
        .collect();
    assert_eq!(
        not_static,
        [
            ("report:act", NotStaticReason::Action),
            ("report:find", NotStaticReason::Query),
            ("report:list", NotStaticReason::QueryWithoutArguments),
            ("report:metrics", NotStaticReason::ConstantQuery),
            ("report:tell", NotStaticReason::Event),
        ]
    );
    assert_eq!(report.unknown, ["report:none", "report:act"]);
    assert_eq!(report.without_fallback, [""; 0]);
    let dumped: Vec<(&str, usize, bool)> = report
        .functions
        .iter()
        .filter(|function| function.name.starts_with("report:"))
        .map(|function| (&*function.name, function.records, function.fallback))
        .collect();
    assert_eq!(dumped, [("report:all", 1, true), ("report:some", 2, true)]);
}

#[tokio::test]
async fn a_timeout_of_the_limits_ends_a_call_of_a_dump() {
    let slow = define_rpc_function("errors:slow")
        .snapshot()
        .async_handler(std::future::pending::<u8>);
    let limits = devtools_runtime::Limits::new().handler_timeout(Duration::from_millis(5));
    let program = devtools_runtime::DevTools::builder()
        .without_collected()
        .limits(limits)
        .function(slow)
        .build()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let report = program.build(folder.path().join("dist")).await.unwrap();
    let failed = &report.failed_records[0];
    assert_eq!(failed.function, "errors:slow");
    assert!(failed.message.contains("`handler_timeout`"), "{failed:?}");
}
