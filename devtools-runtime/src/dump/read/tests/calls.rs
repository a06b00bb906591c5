//! Calls of a dump, and folders made for a test.

use std::fs;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::dump::read::{Folder, StaticDump};
use crate::function::{CallError, RemoteError};
use crate::peer::{Frame, Limits, Reply};
use crate::wire::js::Value;
use crate::wire::{self, Encoding, RequestId};

pub(super) const VECTORS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/static-dump");

pub(super) async fn open(folder: impl Into<PathBuf>) -> StaticDump {
    let source = Folder::new(folder.into());
    StaticDump::open(source, &Limits::default()).await.unwrap()
}

pub(super) async fn reply(
    dump: &StaticDump,
    function: &str,
    arguments: &[Value],
    optional: bool,
) -> Reply {
    let id = RequestId::from(1);
    let encoding = Encoding::StructuredClone;
    let request = wire::request(encoding, function, &arguments, optional, Some(&id));
    let reply = dump.answer(&Frame::from(request.unwrap())).await.unwrap();
    Reply::of(Frame::from(reply))
}

pub(super) async fn call<T: DeserializeOwned>(
    dump: &StaticDump,
    function: &str,
    arguments: &[Value],
) -> Result<T, CallError> {
    let reply = reply(dump, function, arguments, false).await;
    reply.read(function, Encoding::StructuredClone)
}

/// Returns the error of a call that failed.
pub(super) async fn failed(dump: &StaticDump, function: &str, arguments: &[Value]) -> RemoteError {
    match call::<Value>(dump, function, arguments).await {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Returns a folder with these files.
pub(super) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

pub(super) const NONE: &str = "T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU";

/// Returns a manifest of queries without parameters, whose records are at these paths.
pub(super) fn manifest(functions: &[(&str, &str, &str)]) -> String {
    let entries = functions.iter().map(|(name, path, serialization)| {
        let entry = serde_json::json!({
            "type": "query", "records": { NONE: path }, "serialization": serialization,
        });
        ((*name).to_owned(), entry)
    });
    serde_json::Value::Object(entries.collect()).to_string()
}
