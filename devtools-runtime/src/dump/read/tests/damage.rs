//! Damaged and older dumps.

use std::fs;

use super::calls::{NONE, VECTORS, call, failed, folder, manifest, open, text};
use crate::dump::read::manifest::Format;
use crate::dump::read::shard::{self, ShardReply};
use crate::dump::read::{Folder, StaticDump};
use crate::peer::{Frame, Limits, Reply};
use crate::wire::js::Value;
use crate::wire::{Encoding, Envelope, FrameText, RequestId};

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
                ShardReply::of_static(text, format),
                ShardReply::of_record(text, format),
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
