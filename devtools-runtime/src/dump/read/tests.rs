//! Tests that read dumps, both intact and damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::folder::percent_decoded;
use super::manifest::Format;
use super::shard::{self, Shard};
use super::{DumpFiles, Folder, Reading, StaticDump};
use crate::client::Site;
use crate::function::{CallError, RemoteError};
use crate::peer::{Frame, Limits, Reply};
use crate::wire::described::{Use, describe};
use crate::wire::js::Value;
use crate::wire::{self, Encoding, Envelope, FrameText, RequestId};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/static-dump");

async fn open(folder: impl Into<PathBuf>) -> StaticDump {
    let source = Folder::new(folder.into());
    StaticDump::open(source, &Limits::default()).await.unwrap()
}

async fn reply(dump: &StaticDump, function: &str, arguments: &[Value], optional: bool) -> Reply {
    let id = RequestId::from(1);
    let encoding = Encoding::StructuredClone;
    let request = wire::request(encoding, function, &arguments, optional, Some(&id));
    let reply = dump.answer(&Frame::from(request.unwrap())).await.unwrap();
    Reply::of(Frame::from(reply))
}

async fn call<T: DeserializeOwned>(
    dump: &StaticDump,
    function: &str,
    arguments: &[Value],
) -> Result<T, CallError> {
    let reply = reply(dump, function, arguments, false).await;
    reply.read(function, Encoding::StructuredClone)
}

/// Returns the error of a call that failed.
async fn failed(dump: &StaticDump, function: &str, arguments: &[Value]) -> RemoteError {
    match call::<Value>(dump, function, arguments).await {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[derive(Deserialize)]
struct Definitions {
    reads: Vec<Read>,
}

/// A call of the JavaScript client, and its result.
#[derive(Deserialize)]
struct Read {
    method: String,
    args: Option<Box<RawValue>>,
    how: Option<String>,
    ok: Option<Box<RawValue>>,
    error: Option<Thrown>,
}

#[derive(Deserialize)]
struct Thrown {
    name: String,
    message: String,
    cause: Option<Cause>,
    own: Box<RawValue>,
}

#[derive(Deserialize)]
struct Cause {
    name: String,
    message: String,
}

/// Calls whose result is different here, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "demo:undefined-json",
        "`undefined` became `{}`, and is read back as what it was",
    ),
    ("toString", "a name that the dump does not have"),
    (
        "demo:get-user",
        "`[1, undefined]` is `[1]` to a caller who cannot say which",
    ),
];

fn described(value: &RawValue) -> Value {
    describe(value, Use::Compare).unwrap()
}

#[tokio::test]
async fn what_the_real_client_read_is_read_from_a_folder() {
    check_reads(&open(format!("{VECTORS}/dist")).await).await;
}

#[tokio::test]
async fn what_the_real_client_read_is_read_over_http() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // The server decodes the paths of requests, as web servers do.
    let router = Router::new().fallback(|uri: Uri| async move {
        let path = percent_decoded(uri.path()).unwrap();
        fs::read(format!("{VECTORS}/dist{path}")).map_err(|_| StatusCode::NOT_FOUND)
    });
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let limits = Limits::default();
    let site = Site::new(url.parse().unwrap(), &limits);
    let dump = StaticDump::open(site, &limits).await.unwrap();
    check_reads(&dump).await;
}

/// Makes the calls that the JavaScript client made.
async fn check_reads(dump: &StaticDump) {
    let definitions = fs::read_to_string(format!("{VECTORS}/definitions.json")).unwrap();
    let definitions: Definitions = serde_json::from_str(&definitions).unwrap();
    let mut different = Vec::new();
    let mut compared = 0;
    for read in definitions.reads {
        let (Some(arguments), Some(how)) = (&read.args, read.how.as_deref()) else {
            continue; // of shared state
        };
        let Value::Array(arguments) = described(arguments) else {
            panic!("{arguments} are no arguments");
        };
        if how == "callEvent" {
            let event = wire::request(Encoding::Json, &read.method, &arguments, true, None);
            assert_eq!(dump.answer(&Frame::from(event.unwrap())).await, None);
            compared += 1;
            continue;
        }
        let optional = how == "callOptional";
        let reply = reply(dump, &read.method, &arguments, optional).await;
        let outcome = reply.read::<Value>(&read.method, Encoding::StructuredClone);
        if is_same(&read, &outcome) {
            compared += 1;
        } else {
            println!("{} {arguments:?}: {outcome:?}", read.method);
            different.push(read.method);
        }
    }
    let expected: Vec<_> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    different.sort_by_key(|name| expected.iter().position(|expected| expected == name));
    assert_eq!(different, expected);
    println!(
        "{compared} calls as in the real client, {} otherwise",
        different.len()
    );
    assert!(compared > 45);
}

fn is_same(read: &Read, outcome: &Result<Value, CallError>) -> bool {
    match (&read.ok, &read.error, outcome) {
        (Some(ok), _, Ok(Value::Null)) if ok.get().contains("undefined") => true,
        (Some(ok), _, Ok(output)) if !ok.get().contains("function") => described(ok) == *output,
        (_, Some(thrown), Err(CallError::UnknownFunction(name))) => {
            thrown.message.contains("not found in dump store") && *name == read.method
        }
        (_, Some(thrown), Err(CallError::Remote(error))) if error.code.is_some() => {
            thrown.message.contains("No dump match") && error.message.contains("no dump match")
        }
        (_, Some(thrown), Err(CallError::Remote(error))) => {
            let own = serde_json::to_value(described(&thrown.own)).unwrap();
            let data = error.data.clone().unwrap_or(serde_json::json!({}));
            let same_cause = match (&thrown.cause, &error.cause) {
                (Some(expected), Some(cause)) => {
                    (&expected.name, &expected.message) == (&cause.name, &cause.message)
                }
                (None, None) => true,
                _ => false,
            };
            (&thrown.name, &thrown.message, own) == (&error.name, &error.message, data)
                && same_cause
        }
        _ => false,
    }
}

#[tokio::test]
async fn a_call_that_was_not_recorded_says_what_was() {
    let dump = open(format!("{VECTORS}/dist")).await;
    let error = failed(&dump, "demo:get-user", &[Value::Number(99.0)]).await;
    assert_eq!(error.code.as_deref(), Some("dump-not-recorded"));
    let expected =
        "no dump match for `demo:get-user` with the arguments [99]; the nearest of its 3 records: ";
    let nearest = error.message.strip_prefix(expected).unwrap();
    let mut nearest: Vec<_> = nearest.split(", ").collect();
    nearest.sort_unstable();
    assert_eq!(nearest, ["[1]", "[2]", "[3]"]);

    let error = failed(&dump, "demo:sc-query", &[text("thrown")]).await;
    assert!(error.message.contains(r#"records: ["throw"], "#), "{error}");
    let error = failed(&dump, "demo:config", &[Value::Bool(false)]).await;
    assert!(
        error.message.ends_with("[false]: it takes no arguments"),
        "{error}"
    );
    let long = text(&"é".repeat(1_000));
    let error = failed(&dump, "demo:get-user", &[long]).await;
    assert!(error.message.contains("…; the nearest"), "{error}");
    assert!(error.message.len() < 400, "{error}");
}

#[tokio::test]
async fn the_nearest_records_are_told_apart() {
    // These texts are equal for longer than an excerpt, and differ at the end or in the middle.
    let same = "/very/long/path".repeat(20);
    let name = |number: usize| match number {
        0..3 => format!("{same}{number}"),
        _ => format!("{same}-{number}-{same}"),
    };
    let record = |number: usize| {
        let inputs = [text(&name(number))];
        let hash = crate::dump::hash::hash_arguments(&inputs).unwrap();
        let shard = serde_json::json!({ "inputs": [name(number)], "output": number });
        (format!("__rpc-dump/{hash}.json"), hash, shard.to_string())
    };
    let records: Vec<_> = (0..6).map(record).collect();
    let paths = records
        .iter()
        .map(|(path, hash, _)| (hash.to_string(), path.clone().into()));
    let paths: serde_json::Map<_, serde_json::Value> = paths.collect();
    let manifest = serde_json::json!({ "t:long": { "type": "query", "records": paths } });
    let manifest = manifest.to_string();
    let mut files = vec![("__rpc-dump/index.json", &*manifest)];
    files.extend(records.iter().map(|(path, _, shard)| (&**path, &**shard)));
    let dump = folder(&files);
    let dump = open(dump.path()).await;
    for (asked, differs) in [(format!("{same}7"), "path7"), (name(9), "-9-/very")] {
        let error = failed(&dump, "t:long", &[text(&asked)]).await;
        let (asked, nearest) = error
            .message
            .split_once("; the nearest of its 6 records: ")
            .unwrap();
        assert!(asked.contains(differs), "{error}");
        let mut nearest: Vec<_> = nearest.split(", ").collect();
        nearest.sort_unstable();
        nearest.dedup();
        assert_eq!(nearest.len(), 3, "{error}");
        assert!(error.message.len() < 800, "{error}");
    }
}

#[tokio::test]
async fn records_that_json_cannot_tell_apart_are_told_apart() {
    let inputs = ["[-1]", "[0,null]", "[5,[]]", "[6,[]]", "[2,[]]"];
    let clone =
        |input: &str| format!("[[2,[[1,2],[3,4]]],[0,\"inputs\"],[1,[4]],[0,\"output\"],{input}]");
    let shards: Vec<String> = inputs.iter().map(|input| clone(input)).collect();
    let hash = |number: usize| {
        let number = f64::from(u32::try_from(number).unwrap());
        let hash = crate::dump::hash::hash_arguments(&[Value::Number(number)]);
        hash.unwrap().to_string()
    };
    let paths: serde_json::Map<_, serde_json::Value> = (0..inputs.len())
        .map(|number| (hash(number), format!("{number}.json").into()))
        .collect();
    let entry = serde_json::json!({ "type": "query", "records": paths, "serialization": "structured-clone" });
    let manifest = serde_json::json!({ "t:clone": entry }).to_string();
    let names: Vec<String> = (0..inputs.len())
        .map(|number| format!("{number}.json"))
        .collect();
    let mut files = vec![("__rpc-dump/index.json", &*manifest)];
    files.extend(
        names
            .iter()
            .zip(&shards)
            .map(|(name, shard)| (&**name, &**shard)),
    );
    let dump = folder(&files);
    let dump = open(dump.path()).await;
    let error = failed(&dump, "t:clone", &[text("x")]).await;
    let (_, nearest) = error.message.split_once("records: ").unwrap();
    let mut nearest: Vec<_> = nearest.split(", ").collect();
    nearest.dedup();
    assert_eq!(nearest.len(), 3, "{error}");
    for shown in nearest {
        let known = ["[undefined]", "[null]", "[Map{}]", "[Set{}]", "[{}]"];
        assert!(known.contains(&shown), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_shard_that_is_a_fifo_fails_its_call() {
    let cases = [("t:pipe", "__rpc-dump/pipe.json", "json")];
    let dist = folder(&[("__rpc-dump/index.json", &manifest(&cases))]);
    let pipe = dist.path().join("__rpc-dump/pipe.json");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    let dump = open(dist.path()).await;
    let calling = failed(&dump, "t:pipe", &[]);
    let limit = std::time::Duration::from_secs(60);
    let error = tokio::time::timeout(limit, calling).await.unwrap();
    assert_eq!(error.code.as_deref(), Some("dump-unreadable"));
    assert!(error.message.ends_with("not a regular file"), "{error}");
}

#[tokio::test]
async fn an_index_that_leads_to_no_record_is_an_error() {
    let shards = [
        r#"[[2,[[1,2]]],[0,"output"],[1,[3]]]"#,
        r#"[[2,[[1,2]]],[0,"output"],[2,[[1,4]]]]"#,
        r#"[[2,[[1,2]]],[0,"output"],[5,[[7,1]]]]"#,
        r#"[[2,[[1,2]]],[0,"output"],[6,[6]]]"#,
        r#"[[2,[[1,2],[9,9]]],[0,"output"],[0,1]]"#,
        "[[1,[8]]]",
    ];
    for shard in shards {
        for kind in ["query", "static"] {
            let entry = serde_json::json!({
                "type": kind, "records": { NONE: "s.json" }, "path": "s.json",
                "serialization": "structured-clone",
            });
            let manifest = serde_json::json!({ "t:f": entry }).to_string();
            let dist = folder(&[("__rpc-dump/index.json", &manifest), ("s.json", shard)]);
            let dump = open(dist.path()).await;
            let error = failed(&dump, "t:f", &[]).await;
            assert_eq!(error.code.as_deref(), Some("dump-unreadable"), "{shard}");
            assert!(error.message.contains("does not have"), "{error}");
        }
    }
}

/// Returns a folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

const NONE: &str = "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU";

/// Returns a manifest of queries without parameters, whose records are at these paths.
fn manifest(functions: &[(&str, &str, &str)]) -> String {
    let entries = functions.iter().map(|(name, path, serialization)| {
        let entry = serde_json::json!({
            "type": "query", "records": { NONE: path }, "serialization": serialization,
        });
        ((*name).to_owned(), entry)
    });
    serde_json::Value::Object(entries.collect()).to_string()
}

#[tokio::test]
async fn a_damaged_file_fails_the_calls_that_need_it_alone() {
    let cases = [
        ("t:missing", "__rpc-dump/missing.json", "json"),
        ("t:empty", "__rpc-dump/empty.json", "json"),
        ("t:truncated", "__rpc-dump/truncated.json", "json"),
        (
            "t:truncated-clone",
            "__rpc-dump/truncated.json",
            "structured-clone",
        ),
        ("t:cut-clone", "__rpc-dump/cut.json", "structured-clone"),
        ("t:html", "__rpc-dump/page.json", "json"),
        ("t:null", "__rpc-dump/null.json", "json"),
        ("t:no-clone", "__rpc-dump/none.json", "structured-clone"),
        (
            "t:wrong-index",
            "__rpc-dump/index-9.json",
            "structured-clone",
        ),
        ("t:binary", "__rpc-dump/binary.json", "json"),
        ("t:folder", "__rpc-dump", "json"),
        ("t:up", "../secret.json", "json"),
        ("t:up-later", "__rpc-dump/../../secret.json", "json"),
        (
            "t:escaped-up",
            "__rpc-dump/%2e%2e/%2e%2e/secret.json",
            "json",
        ),
        ("t:absolute", "/etc/hostname", "json"),
        ("t:drive", "C:/secret.json", "json"),
        ("t:nothing", "", "json"),
        ("t:whole", "__rpc-dump/whole.json", "json"),
    ];
    let outer = folder(&[
        ("secret.json", r#"{"inputs":[],"output":"secret"}"#),
        ("dist/__rpc-dump/index.json", &manifest(&cases)),
        ("dist/__rpc-dump/empty.json", ""),
        ("dist/__rpc-dump/truncated.json", r#"{"inputs":[],"outp"#),
        (
            "dist/__rpc-dump/cut.json",
            r#"[[2,[[1,2],[3,4]]],[0,"inputs"],[1,[]],[0,"output"#,
        ),
        ("dist/__rpc-dump/page.json", "<!doctype html>"),
        ("dist/__rpc-dump/null.json", "null"),
        ("dist/__rpc-dump/none.json", "[]"),
        (
            "dist/__rpc-dump/index-9.json",
            r#"[[2,[[1,9]]],[0,"output"]]"#,
        ),
        (
            "dist/__rpc-dump/whole.json",
            "\u{feff}{\"inputs\":[],\"output\":7}",
        ),
    ]);
    let dist = outer.path().join("dist");
    fs::write(dist.join("__rpc-dump/binary.json"), [0xff, 0xfe]).unwrap();
    let dump = open(&dist).await;
    for (function, path, _) in cases {
        if function == "t:whole" {
            continue;
        }
        let error = failed(&dump, function, &[]).await;
        assert_eq!(
            error.code.as_deref(),
            Some("dump-unreadable"),
            "{function}: {error}"
        );
        assert!(error.message.contains(path), "{function}: {error}");
        assert!(!error.message.contains("secret\""), "{function}: {error}");
    }
    assert_eq!(call::<u8>(&dump, "t:whole", &[]).await.unwrap(), 7);
}

#[test]
fn a_shard_with_any_damage_is_read_or_refused() {
    let mut random = 0x9e37_79b9_u32;
    let mut next = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        usize::try_from(random).unwrap() % bound
    };
    let mut tally = [0, 0];
    let mut attempt = |text: &str| {
        for format in [Format::Json, Format::Clone] {
            for shard in [
                Shard::of_static(text, format),
                Shard::of_record(text, format),
            ] {
                let Ok(shard) = shard else {
                    tally[0] += 1;
                    continue;
                };
                let reply = shard.reply(&RequestId::from(1));
                // Whatever the file contains, the error reaches the caller.
                let frame = FrameText::open(&reply).unwrap();
                let Ok(Envelope::Response(response)) = frame.envelope() else {
                    panic!("{reply} is no reply");
                };
                assert_eq!(response.id.and_then(|id| id.counter()), Some(1), "{reply}");
                let reply = Reply::of(Frame::from(reply));
                for encoding in [Encoding::Json, Encoding::StructuredClone] {
                    let _ = reply.read::<Value>("t:any", encoding);
                }
                tally[1] += 1;
            }
            let _ = shard::inputs(text, format);
        }
    };
    for file in fs::read_dir(format!("{VECTORS}/dist/__rpc-dump")).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with("index.json") {
            continue;
        }
        let whole = fs::read(path).unwrap();
        for end in 0..whole.len() {
            attempt(&String::from_utf8_lossy(&whole[..end]));
        }
        for _ in 0..100 {
            let mut damaged = whole.clone();
            let place = next(damaged.len());
            damaged[place] = b"[]{},:\"0123456789-nt"[next(20)];
            attempt(&String::from_utf8_lossy(&damaged));
        }
    }
    assert!(tally.iter().all(|count| *count > 500), "{tally:?}");
}

#[tokio::test]
async fn a_damaged_manifest_is_told_at_once_and_a_damaged_entry_where_it_is_needed() {
    for content in ["", "[]", "7", "{\"a\":", "<html>"] {
        let folder = folder(&[("__rpc-dump/index.json", content)]);
        let source = Folder::new(folder.path().to_owned());
        let Err(error) = StaticDump::open(source, &Limits::default()).await else {
            panic!("{content} was read");
        };
        assert!(error.file.ends_with("index.json"), "{error}");
    }
    let entries = r#"{
        "t:static": { "type": "static" },
        "t:query": { "type": "query", "records": [] },
        "t:paths": { "type": "query", "records": { "x": 1 } },
        "t:inline": ["as", "is"],
        "t:other": { "type": "other" },
        "t:null": null
    }"#;
    let folder = folder(&[("__rpc-dump/index.json", entries)]);
    let dump = open(folder.path()).await;
    for function in ["t:static", "t:query", "t:paths"] {
        let error = failed(&dump, function, &[]).await;
        assert_eq!(error.code.as_deref(), Some("dump-unreadable"), "{error}");
        assert!(error.message.contains(function), "{error}");
    }
    let inline: Vec<String> = call(&dump, "t:inline", &[Value::Null]).await.unwrap();
    assert_eq!(inline, ["as", "is"]);
    let other: serde_json::Value = call(&dump, "t:other", &[]).await.unwrap();
    assert_eq!(other, serde_json::json!({ "type": "other" }));
    assert_eq!(
        call::<Value>(&dump, "t:null", &[]).await.unwrap(),
        Value::Null
    );
    failed(&dump, "t:inline", &[Value::Number(1.0)]).await;
}

#[tokio::test]
async fn older_forms_are_read() {
    let statics = r#"{
        "t:raw": { "type": "static", "path": "raw.json" },
        "t:text": { "type": "static", "path": "text.json" },
        "t:envelope": { "type": "static", "path": "envelope.json", "serialization": "structured-clone" },
        "t:raw-clone": { "type": "static", "path": "clone.json", "serialization": "structured-clone" },
        "t:unit": { "type": "static", "path": "unit.json", "serialization": "json" },
        "t:falsy-error": { "type": "static", "path": "falsy.json", "serialization": "json" }
    }"#;
    let folder = folder(&[
        ("__rpc-dump/index.json", statics),
        ("raw.json", r#"{ "version": 1 }"#),
        ("text.json", r#""text""#),
        (
            "envelope.json",
            r#"{"serialization":"structured-clone","data":[[2,[[1,2]]],[0,"output"],[6,[3]],[0,"x"]]}"#,
        ),
        ("clone.json", r#"[[6,[1,2]],[0,"x"],[8,"10"]]"#),
        ("unit.json", "{}"),
        ("falsy.json", r#"{"error":null,"output":3}"#),
    ]);
    let dump = open(folder.path()).await;
    let raw: serde_json::Value = call(&dump, "t:raw", &[]).await.unwrap();
    assert_eq!(raw, serde_json::json!({ "version": 1 }));
    assert_eq!(call::<String>(&dump, "t:text", &[]).await.unwrap(), "text");
    let set = Value::Set(vec![text("x")].into());
    assert_eq!(call::<Value>(&dump, "t:envelope", &[]).await.unwrap(), set);
    let set = Value::Set(vec![text("x"), Value::BigInt(10_u32.into())].into());
    assert_eq!(call::<Value>(&dump, "t:raw-clone", &[]).await.unwrap(), set);
    call::<()>(&dump, "t:unit", &[]).await.unwrap();
    assert_eq!(call::<u8>(&dump, "t:falsy-error", &[]).await.unwrap(), 3);
}

#[tokio::test]
async fn absent_arguments_at_the_end_are_found_however_they_were_recorded() {
    let recorded = [
        ("t:absent", r#"["a"]"#, vec![text("a")]),
        (
            "t:undefined",
            r#"["a",undefined]"#,
            vec![text("a"), Value::Undefined],
        ),
        (
            "t:null",
            r#"["a",null,null]"#,
            vec![text("a"), Value::Null, Value::Null],
        ),
    ];
    let entries = recorded.iter().map(|(name, _, arguments)| {
        let hash = crate::dump::hash::hash_arguments(arguments)
            .unwrap()
            .to_string();
        let entry = serde_json::json!({
            "type": "query", "records": { hash: "record.json" }, "fallback": "fallback.json",
        });
        ((*name).to_owned(), entry)
    });
    let manifest = serde_json::Value::Object(entries.collect()).to_string();
    let folder = folder(&[
        ("__rpc-dump/index.json", &manifest),
        ("record.json", r#"{"inputs":["a"],"output":"record"}"#),
        ("fallback.json", r#"{"inputs":[],"output":"fallback"}"#),
    ]);
    let dump = open(folder.path()).await;
    let (absent, null) = (Value::Undefined, Value::Null);
    let a = || text("a");
    for (function, passed, output) in [
        ("t:absent", vec![a()], "record"),
        ("t:absent", vec![a(), null.clone()], "record"),
        (
            "t:absent",
            vec![a(), null.clone(), absent.clone()],
            "record",
        ),
        ("t:absent", vec![a(), null.clone(), a()], "fallback"),
        ("t:absent", vec![null.clone(), a()], "fallback"),
        ("t:undefined", vec![a(), null.clone()], "record"),
        (
            "t:undefined",
            vec![a(), null.clone(), null.clone()],
            "record",
        ),
        ("t:undefined", vec![a()], "fallback"),
        ("t:null", vec![a(), absent.clone(), null.clone()], "record"),
    ] {
        let found: String = call(&dump, function, &passed).await.unwrap();
        assert_eq!(found, output, "{function} {passed:?}");
    }
}

/// A source that counts reads, and answers when the test lets it.
struct Counted {
    folder: Folder,
    reads: Arc<AtomicUsize>,
    paths: Arc<Mutex<Vec<String>>>,
    gate: Arc<Semaphore>,
}

impl DumpFiles for Counted {
    fn name_of(&self, path: &str) -> String {
        self.folder.name_of(path)
    }

    fn respelled(&self, path: &str) -> Option<String> {
        self.folder.respelled(path)
    }

    fn read(&self, path: &str, limit: usize) -> Reading<'_> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.paths.lock().unwrap().push(path.to_owned());
        let path = path.to_owned();
        Box::pin(async move {
            let _permit = self.gate.acquire().await?;
            self.folder.read(&path, limit).await
        })
    }
}

/// Returns the vectors, read through a source that counts the files.
async fn counted(limits: Limits) -> (StaticDump, Arc<AtomicUsize>, Arc<Semaphore>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Semaphore::new(1_000));
    let source = Counted {
        folder: Folder::new(Path::new(VECTORS).join("dist")),
        reads: Arc::clone(&reads),
        paths: Arc::default(),
        gate: Arc::clone(&gate),
    };
    let dump = StaticDump::open(source, &limits).await.unwrap();
    assert_eq!(reads.swap(0, Ordering::Relaxed), 1);
    (dump, reads, gate)
}

#[tokio::test]
async fn a_shard_is_read_once_and_when_it_is_wanted() {
    let (dump, reads, gate) = counted(Limits::default()).await;
    gate.forget_permits(1_000);
    let greet = || call::<String>(&dump, "demo:greet", &[]);
    let fallback = async {
        let both = tokio::join!(greet(), greet());
        assert_eq!(
            (both.0.unwrap(), both.1.unwrap()),
            ("hi".into(), "hi".into())
        );
    };
    let open = async {
        assert_eq!(reads.load(Ordering::Relaxed), 1);
        gate.add_permits(1_000);
    };
    tokio::join!(fallback, open);
    assert_eq!(greet().await.unwrap(), "hi");
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn who_waits_for_a_shard_goes_on_when_the_first_gives_up() {
    let (dump, reads, gate) = counted(Limits::default()).await;
    gate.forget_permits(1_000);
    let greet = || Box::pin(call::<String>(&dump, "demo:greet", &[]));
    let (mut first, mut second) = (greet(), greet());
    for waiting in [&mut first, &mut second] {
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
    }
    drop(first);
    gate.add_permits(1_000);
    assert_eq!(second.await.unwrap(), "hi");
    assert_eq!(reads.load(Ordering::Relaxed), 2);
    assert!(dump.shards.is_idle());
}

#[tokio::test]
async fn shards_are_kept_up_to_a_bound() {
    // The cache has room for two of them.
    let limits = Limits::new().shard_bytes(1_200);
    let (dump, reads, _gate) = counted(limits).await;
    let get = async |id: u8| {
        call::<Value>(&dump, "demo:get-user", &[Value::Number(f64::from(id))])
            .await
            .is_ok()
    };
    for (id, read) in [(1, 1), (2, 2), (1, 2), (3, 3), (1, 3), (2, 4)] {
        assert_eq!(get(id).await, id != 3);
        assert_eq!(reads.load(Ordering::Relaxed), read, "after {id}");
    }

    let none = Limits::new().shard_bytes(0);
    let (dump, reads, _gate) = counted(none).await;
    for _ in 0..2 {
        call::<String>(&dump, "demo:greet", &[]).await.unwrap();
    }
    assert_eq!(reads.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_file_over_the_limit_is_not_read() {
    let folder = folder(&[
        (
            "__rpc-dump/index.json",
            r#"{"t:big":{"type":"static","path":"big.json"}}"#,
        ),
        ("big.json", &format!("\"{}\"", "x".repeat(200))),
    ]);
    let limits = Limits::new().frame_bytes(100);
    let source = Folder::new(folder.path().to_owned());
    let dump = StaticDump::open(source, &limits).await.unwrap();
    let error = failed(&dump, "t:big", &[]).await;
    assert!(error.message.contains("`frame_bytes` of 100"), "{error}");
}
