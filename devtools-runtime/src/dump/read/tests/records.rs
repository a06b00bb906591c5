//! The choice of a record: arguments that are not recorded, absent, or alike in JSON.

use super::calls::{VECTORS, call, failed, folder, open, text};
use crate::wire::js::Value;

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
