//! A dump, compared with one that the real builder wrote of the same functions.

use std::path::Path;

use devtools_runtime::dump::DumpOptions;
use devtools_runtime::js::{self, BigInt, Date, Map, Set};
use devtools_runtime::{DevToolsContext, Dump, FunctionDefinition, Setup, rpc_function};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{built, dump, program, text, tree};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/static-dump/dist");

// ---- the functions of the vectors ----------------------------------------------------------

#[derive(Serialize, Deserialize)]
struct Config {
    version: String,
    list: [u8; 3],
}

#[rpc_function(name = "demo:config", kind = "static", as = GetConfig)]
fn config() -> Config {
    Config {
        version: "1.0.0".into(),
        list: [1, 2, 3],
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct DemoState {
    count: u32,
    when: Date,
}

#[derive(Serialize, Deserialize)]
struct Rich {
    map: Map<String, u8>,
    date: Date,
    set: Set<String>,
    big: BigInt,
    undef: js::Undefined,
}

#[rpc_function(name = "demo:rich", kind = "static", encoding = "structured-clone", as = GetRich)]
fn rich() -> Rich {
    Rich {
        map: Map::from_iter([("a".to_owned(), 1)]),
        date: Date::from_number(0.0).unwrap(),
        set: Set::from_iter(["x".to_owned()]),
        big: "12345678901234567890".parse().unwrap(),
        undef: js::Undefined,
    }
}

#[rpc_function(
    name = "demo:undefined-sc",
    kind = "static",
    encoding = "structured-clone"
)]
fn undefined_sc() -> js::Undefined {
    js::Undefined
}

#[rpc_function(name = "demo:null", kind = "static")]
fn null() -> Option<u8> {
    None
}

#[derive(Serialize, Deserialize)]
struct Echoed {
    args: Vec<Value>,
}

#[rpc_function(name = "demo:static-with-dump", kind = "static")]
fn static_with_dump() -> Echoed {
    Echoed { args: Vec::new() }
}

#[derive(Serialize, Deserialize)]
struct User {
    id: u8,
    name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("no user {0}")]
struct NoUser(u8);

#[rpc_function(name = "demo:get-user", dump = users)]
fn get_user(id: u8) -> Result<User, NoUser> {
    let names = ["Ada", "Linus"];
    let name = names.get(usize::from(id) - 1).ok_or(NoUser(id))?;
    Ok(User {
        id,
        name: (*name).to_owned(),
    })
}

fn users(_ctx: &DevToolsContext) -> Dump<(u8,), Result<User, NoUser>> {
    Dump::inputs([(1,), (2,), (3,)])
}

#[rpc_function(name = "demo:greet", dump = greetings)]
fn greet(_language: String) -> String {
    panic!("the handler is never called")
}

async fn greetings(_ctx: &DevToolsContext) -> Dump<(String,), String> {
    Dump::new()
        .record(("en".into(),), "hello".into())
        .record(("fr".into(),), "bonjour".into())
        .fallback("hi".into())
}

#[rpc_function(name = "demo:snapshot", snapshot)]
fn snapshot(first: Option<u8>) -> usize {
    first.into_iter().count()
}

#[rpc_function(name = "demo:dump-function", setup)]
fn dump_function(_ctx: &DevToolsContext) -> Setup<fn(u64) -> u64> {
    Setup::handler(|n| n * 10).dump(Dump::inputs_from(|| [(1,), (2,)]).fallback(0))
}

#[derive(Serialize, Deserialize)]
struct Agent {
    agent: bool,
}

/// x
#[rpc_function(name = "demo:agent", snapshot, agent, as = GetAgent)]
fn agent() -> Agent {
    Agent { agent: true }
}

#[rpc_function(name = "demo:no-type", dump = no_types)]
fn no_type(id: u8) -> u8 {
    id
}

fn no_types(_ctx: &DevToolsContext) -> Dump<(u8,), u8> {
    Dump::inputs([(1,)])
}

#[rpc_function(name = "demo:live-snap", encoding = "structured-clone")]
fn live_snap() -> String {
    "baked".into()
}

#[rpc_function(name = "demo:live-inputs", encoding = "structured-clone")]
fn live_inputs(id: String) -> String {
    format!("in:{id}")
}

#[rpc_function(name = "demo:live-only")]
fn live_only(_id: String) {}

#[rpc_function(name = "demo:action", kind = "action")]
fn action() {}

#[rpc_function(name = "demo:event", kind = "event")]
fn event() {}

#[derive(Serialize, Deserialize)]
struct Found {
    when: Date,
    tags: Set<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("plain string")]
struct PlainString;

#[rpc_function(name = "demo:sc-query", encoding = "structured-clone", dump = sc_queries)]
async fn sc_query(how: String) -> Result<Found, PlainString> {
    if how == "string-throw" {
        return Err(PlainString);
    }
    Ok(Found {
        when: Date::from_number(86_400_000.0).unwrap(),
        tags: Set::from_iter(["a".to_owned(), "b".to_owned()]),
    })
}

fn sc_queries(_ctx: &DevToolsContext) -> Dump<(String,), Result<Found, PlainString>> {
    Dump::inputs([("ok".into(),), ("string-throw".into(),)])
}

#[rpc_function(name = "demo:json-errors", dump = json_error_inputs)]
fn json_errors(_how: String) -> String {
    "fine".into()
}

fn json_error_inputs(_ctx: &DevToolsContext) -> Dump<(String,), String> {
    Dump::inputs([("ok".into(),)])
}

fn demo_functions() -> Vec<FunctionDefinition> {
    vec![
        GetUser::definition(),
        GetConfig::definition(),
        GetRich::definition(),
        UndefinedSc::definition(),
        Null::definition(),
        StaticWithDump::definition(),
        Greet::definition(),
        Snapshot::definition(),
        DumpFunction::definition(),
        GetAgent::definition(),
        NoType::definition(),
        LiveSnap::definition(),
        LiveInputs::definition(),
        LiveOnly::definition(),
        Action::definition(),
        Event::definition(),
        ScQuery::definition(),
        JsonErrors::definition(),
    ]
}

fn demo_options() -> DumpOptions {
    DumpOptions::new()
        .snapshot("demo:live-snap")
        .inputs("demo:live-inputs", [("a",), ("b",)])
}

/// The recorded calls for which Rust has no such functions: names that are not in kebab-case; any number of arguments of any type
/// (`echo`); `undefined` in JSON; own properties of errors other than code and data, and causes in circles.
const ONLY_JAVASCRIPT: [&str; 7] = [
    "~weird",
    "demo~-_.",
    "demo~echo.",
    "demo~undefined-json.",
    "demo~undefined-fallback.",
    // `throw` and `cyclic-cause`.
    ".record.tYEKe_Ky0CELoMfLG1QrGs-fhkgA0Kumx09Nq_quJG0.",
    "demo~sc-query.record.HKIIPW-P8aKPFwnxp6_Xg8IWymqa86jX9FqyvHs8Lq8.",
];

#[tokio::test]
async fn every_file_is_byte_for_byte_that_of_the_real_builder() {
    let program = program(demo_functions()).await;
    let state = DemoState {
        count: 1,
        when: Date::from_millis(0).unwrap(),
    };
    let shared = program.context().rpc().shared_state("demo:state", state);
    shared.unwrap();
    let (written, _) = built(&program, demo_options()).await;
    let real = tree(Path::new(VECTORS));
    let mut compared = 0;
    for (path, content) in &real {
        let is_compared = path.starts_with("__rpc-dump/")
            && path != "__rpc-dump/index.json"
            && !ONLY_JAVASCRIPT.iter().any(|part| path.contains(part));
        if is_compared {
            let real = std::str::from_utf8(content).unwrap();
            assert_eq!(text(&written, path), real, "{path}");
            compared += 1;
        }
    }
    assert_eq!(compared, 30, "of {}", real.len());
}

#[tokio::test]
async fn the_manifest_is_that_of_the_real_builder() {
    let (written, _) = dump(demo_functions(), demo_options()).await;
    let index = text(&written, "__rpc-dump/index.json");
    let manifest: Value = serde_json::from_str(index).unwrap();
    let real = tree(Path::new(VECTORS));
    let real: Value = serde_json::from_str(text(&real, "__rpc-dump/index.json")).unwrap();
    for (name, entry) in manifest.as_object().unwrap() {
        match &**name {
            // Fewer records: see above.
            "devframe:rpc:server-state:get" | "demo:sc-query" | "demo:json-errors" => {}
            name => assert_eq!(entry, &real[name], "{name}"),
        }
    }
    // Of one function as text: two spaces, no line break at the end, the keys in this order.
    let get_user = r#"
  "demo:get-user": {
    "type": "query",
    "records": {
      "CAqe1ChVnvYCZotMAPEU8aEcP2sCpDXwvcFUV45NfyI": "__rpc-dump/demo~get-user.record.CAqe1ChVnvYCZotMAPEU8aEcP2sCpDXwvcFUV45NfyI.json",
      "A4lm3p9rmpAbILTGyosqRgCf7r4DG6vIQtQ2kMC8Iis": "__rpc-dump/demo~get-user.record.A4lm3p9rmpAbILTGyosqRgCf7r4DG6vIQtQ2kMC8Iis.json",
      "BtAz7OZkXeWS25c2RM9zVyVfJFNv97A8OyrOEHNvdjY": "__rpc-dump/demo~get-user.record.BtAz7OZkXeWS25c2RM9zVyVfJFNv97A8OyrOEHNvdjY.json"
    },
    "serialization": "json"
  },
"#;
    assert!(index.contains(get_user), "{index}");
    let connection = text(&written, "__connection.json");
    assert!(
        connection.starts_with("{\n  \"backend\": \"static\",\n  \"jsonSerializableMethods\": [\n"),
        "{connection}"
    );
    assert!(!connection.ends_with('\n') && !index.ends_with('\n'));
}
