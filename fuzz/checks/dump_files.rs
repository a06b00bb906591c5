//! The files of a static dump: its manifest, and its shards.

use std::collections::BTreeMap;
use std::str::from_utf8;

use serde_json::json;
use serde_json::value::RawValue;

use super::{Verdict, at_once};
use crate::dump::hash::hash_arguments;
use crate::dump::read::{DumpFiles, Reading, StaticDump, check_path};
use crate::peer::Limits;
use crate::wire::{Envelope, FrameText, RequestId};

const MANIFEST: &str = "__rpc-dump/index.json";

/// A dump of two files: the manifest, and what every path leads to.
struct Files {
    manifest: Vec<u8>,
    shard: Vec<u8>,
}

impl DumpFiles for Files {
    fn name_of(&self, path: &str) -> String {
        path.to_owned()
    }

    fn respelled(&self, _path: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &str, _limit: usize) -> Reading<'_> {
        let checked = check_path(path);
        let is_manifest = path == MANIFEST;
        let file = if is_manifest {
            &self.manifest
        } else {
            &self.shard
        };
        Box::pin(async move { checked.map(|()| file.clone()) })
    }
}

/// The answer of a dump.
#[derive(PartialEq)]
enum Answer {
    Result,
    Error,
}

/// Asks a dump, and looks into the answer.
///
/// # Panics
///
/// If there is no answer, or it is no reply to this call.
fn ask(dump: &StaticDump, function: &str, arguments: &serde_json::Value, files: usize) -> Answer {
    let request = json!({"m": function, "a": arguments, "t": "q", "i": "asked"}).to_string();
    let reply = at_once(dump.answer_text(&request));
    let reply = reply.unwrap_or_else(|| panic!("no answer to {request}"));
    let text = FrameText::open(&reply);
    let text = text.unwrap_or_else(|error| panic!("{error}: {reply}"));
    match text.envelope() {
        Ok(Envelope::Response(response)) => {
            assert_eq!(response.id, RequestId::from_text("asked"), "{reply}");
            if response.result.is_ok() {
                assert!(reply.len() <= files + 256, "{reply}");
                Answer::Result
            } else {
                Answer::Error
            }
        }
        Ok(Envelope::Request(_)) => panic!("no reply: {reply}"),
        Err(error) => panic!("{error}: {reply}"),
    }
}

/// The manifest of a static dump.
///
/// # Panics
///
/// If a function that it names is not answered for.
pub fn dump_manifest(manifest: &[u8]) -> Verdict {
    /// More functions are not asked for.
    const ASKED: usize = 16;
    let shard = br#"{"output":1}"#.to_vec();
    let files = Files {
        manifest: manifest.to_vec(),
        shard,
    };
    let Ok(dump) = at_once(StaticDump::open(files, &Limits::default())) else {
        return Verdict::Refused;
    };
    let names = from_utf8(manifest).unwrap_or_default();
    let names = names.trim_start_matches('\u{feff}');
    let names: BTreeMap<String, &RawValue> =
        serde_json::from_str(names).unwrap_or_else(|error| panic!("read, but {error}"));
    let mut answered = false;
    for name in names.keys().take(ASKED) {
        for arguments in [json!([]), json!([1]), json!(["/src/main.ts", null])] {
            answered |= ask(&dump, name, &arguments, manifest.len()) == Answer::Result;
        }
    }
    if answered {
        Verdict::Read
    } else {
        Verdict::Refused
    }
}

/// A shard of a static dump: of each kind of function, in either codec.
///
/// # Panics
///
/// If it makes a frame of something that is no reply.
pub fn dump_shard(shard: &[u8]) -> Verdict {
    let hash = hash_arguments(&[]).map(|hash| hash.to_string());
    let hash = hash.unwrap_or_default();
    let mut manifest = serde_json::Map::new();
    for format in ["json", "structured-clone"] {
        // Content that was read from a path is stored, so each function has its own.
        let path = |kind: &str| format!("{kind}-{format}.json");
        let (static_path, query_path) = (path("static"), path("query"));
        let of_static = json!({"type": "static", "path": static_path, "serialization": format});
        let records = json!({&*hash: query_path});
        let of_query = json!({"type": "query", "records": records, "serialization": format});
        manifest.insert(static_path, of_static);
        manifest.insert(query_path, of_query);
    }
    let names: Vec<String> = manifest.keys().cloned().collect();
    let files = Files {
        manifest: serde_json::Value::from(manifest).to_string().into_bytes(),
        shard: shard.to_vec(),
    };
    let dump = at_once(StaticDump::open(files, &Limits::default()));
    let dump = dump.unwrap_or_else(|error| panic!("no dump: {error}"));
    let mut answered = false;
    for name in names {
        answered |= ask(&dump, &name, &json!([]), shard.len()) == Answer::Result;
    }
    if answered {
        Verdict::Read
    } else {
        Verdict::Refused
    }
}
