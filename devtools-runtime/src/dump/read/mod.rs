//! Reads a static dump: answers calls from its files, in place of a server ([protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)).
//!
//! [`StaticDump`] answers requests, and [`StaticTransport`] is a connection to it, so the client above works as with
//! a server. The manifest is read first; a shard is read when a call asks for it ([`shards`]). A shard becomes the
//! frame of a reply by putting text around it ([`shard`]). The caller, who knows the type, decodes it.
//!
//! A [`DumpFiles`] reads the files. If a file cannot be read, only the calls that need it fail.

mod described;
mod excerpt;
mod folder;
mod lookup;
mod manifest;
mod nearest;
mod records;
mod shard;
mod shards;
mod shown;
mod source;
mod transport;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Serialize;

use self::excerpt::excerpt;
use self::manifest::{Manifest, ManifestEntry};
use self::nearest::no_match;
use self::records::RecordPaths;
use self::shard::ShardReply;
use self::shards::ShardCache;
use crate::dump::hash::hash_arguments;
use crate::function::{RpcFunction as _, WithCauses};
use crate::peer::{Frame, Limits, unknown_function};
use crate::protocol::introspection::ListFunctions;
use crate::wire::js::Value;
use crate::wire::{Envelope, FrameText, Payload, ReadError, RequestId};

pub(crate) use self::folder::Folder;
pub(crate) use self::lookup::DumpReply;
pub(crate) use self::nearest::nearest;
pub(crate) use self::shown::shown;
pub(crate) use self::source::{DumpFiles, FileError, Reading, check_path};
pub(crate) use self::transport::StaticTransport;

/// The path of the manifest, relative to the base of a dump.
const MANIFEST: &str = "__rpc-dump/index.json";

/// The error code of a call that was not recorded.
const NOT_RECORDED: &str = "dump-not-recorded";

/// The error code of a call whose file cannot be read.
const UNREADABLE: &str = "dump-unreadable";

/// The number of absent arguments at the end for which other spellings are tried.
const MAX_ABSENT: usize = 8;

/// A static dump.
pub(crate) struct StaticDump {
    manifest: Manifest,
    shards: ShardCache,
}

/// A parsed request.
struct ParsedRequest {
    id: RequestId,
    function: String,
    optional: bool,
    /// The arguments, or the reason why they cannot be read.
    arguments: Result<Vec<Value>, String>,
}

/// The reason why a file does not answer a request.
enum LookupFailure {
    Unknown,
    Failed(&'static str, String),
}

impl StaticDump {
    /// Opens the dump in `source` and reads its manifest.
    pub(crate) async fn open(source: impl DumpFiles, limits: &Limits) -> Result<Self, FileError> {
        let shards = ShardCache::new(source, limits);
        let manifest = shards.read(MANIFEST, Manifest::parse).await?;
        Ok(Self { manifest, shards })
    }

    /// Answers a request. Returns `None` for an event and for a frame that is not a request.
    async fn answer(&self, frame: &Frame) -> Option<String> {
        let question = match ParsedRequest::read(frame.as_str()) {
            Ok(question) => question?,
            Err(error) => {
                tracing::debug!(%error, "a static dump ignored a frame that is not a request");
                return None;
            }
        };
        Some(match self.find(&question).await {
            Ok(shard) => shard.reply(&question.id),
            Err(LookupFailure::Unknown) if question.optional => {
                ShardReply::undefined().reply(&question.id)
            }
            Err(LookupFailure::Unknown) => {
                failure(None, &unknown_function(&question.function)).reply(&question.id)
            }
            Err(LookupFailure::Failed(code, message)) => {
                failure(Some(code), &message).reply(&question.id)
            }
        })
    }

    /// Answers the request with this text.
    #[cfg(feature = "_fuzz")]
    pub(crate) async fn answer_text(&self, request: &str) -> Option<String> {
        self.answer(&Frame::from(request.to_owned())).await
    }

    async fn find(&self, question: &ParsedRequest) -> Result<Arc<ShardReply>, LookupFailure> {
        let function = &*question.function;
        let Some(entry) = self.manifest.get(function) else {
            // The list of functions has no record, because it is made from the manifest.
            if function == ListFunctions::NAME {
                let functions = described::functions(&self.manifest);
                let json = serde_json::to_string(&functions).unwrap_or_default();
                return Ok(ShardReply::of_json(&json).into());
            }
            return Err(LookupFailure::Unknown);
        };
        let arguments = question.arguments.as_ref().map_err(|problem| {
            let message = format!("the arguments of `{function}` cannot be read: {problem}");
            LookupFailure::Failed(NOT_RECORDED, message)
        })?;
        let has_none = arguments.iter().all(is_absent);
        let shard = match entry {
            ManifestEntry::Static { path, format } if has_none => {
                self.shards
                    .load(path, |text| ShardReply::of_static(text, *format))
                    .await
            }
            ManifestEntry::Inline(json) if has_none => return Ok(ShardReply::of_json(json).into()),
            ManifestEntry::Static { .. } | ManifestEntry::Inline(_) => {
                let arguments = excerpt(&shown(arguments), []);
                let message = format!("{}: it takes no arguments", no_match(function, &arguments));
                return Err(LookupFailure::Failed(NOT_RECORDED, message));
            }
            ManifestEntry::Query {
                records,
                fallback,
                format,
            } => {
                let recorded = record(records, arguments)?;
                if recorded.is_none() && fallback.is_some() {
                    tracing::debug!(
                        rpc.method = function,
                        "no record has these arguments, so the fallback answers"
                    );
                }
                let Some(path) = recorded.as_deref().or(fallback.as_deref()) else {
                    let message =
                        nearest::describe(function, arguments, records, &self.shards, *format)
                            .await;
                    return Err(LookupFailure::Failed(NOT_RECORDED, message));
                };
                self.shards
                    .load(path, |text| ShardReply::of_record(text, *format))
                    .await
            }
            ManifestEntry::Unreadable(problem) => {
                let file = self.shards.name_of(MANIFEST);
                let message = format!("{file}: the entry of `{function}`: {problem}");
                return Err(LookupFailure::Failed(UNREADABLE, message));
            }
        };
        shard.map_err(|error| LookupFailure::Failed(UNREADABLE, WithCauses(&error).to_string()))
    }
}

/// Returns the path of the record for these arguments.
fn record(records: &RecordPaths, arguments: &[Value]) -> Result<Option<String>, LookupFailure> {
    for arguments in spellings(arguments) {
        let hash = hash_arguments(&arguments).map_err(|error| {
            let message = format!("no record has these arguments: {error}");
            LookupFailure::Failed(NOT_RECORDED, message)
        })?;
        if let Some(path) = records.path(&hash) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Returns the arguments as they were passed, followed by other spellings with the same meaning: absent arguments at
/// the end as `undefined`, as `null`, and left out.
///
/// Arguments are hashed as they were passed ([protocol 8.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#85-the-hash-of-arguments)), and Rust writes `None` as `null`.
fn spellings(arguments: &[Value]) -> impl Iterator<Item = Vec<Value>> + '_ {
    let absent = arguments.iter().rev().take_while(|value| is_absent(value));
    let absent = absent.take(MAX_ABSENT).count();
    let given = &arguments[..arguments.len() - absent];
    let filled = move |count: usize, value: &Value| {
        let mut filled = given.to_vec();
        filled.resize(given.len() + count, value.clone());
        filled
    };
    let others = (1..=absent)
        .rev()
        .flat_map(move |count| {
            [
                filled(count, &Value::Undefined),
                filled(count, &Value::Null),
            ]
        })
        .chain((absent > 0).then(|| given.to_vec()));
    std::iter::once(arguments.to_vec()).chain(others)
}

fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Undefined | Value::Null)
}

fn failure(code: Option<&str>, message: &str) -> ShardReply {
    #[derive(Serialize)]
    struct FailedReply<'a> {
        name: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
    }

    let name = "Error";
    let failed = FailedReply {
        name,
        message,
        code,
    };
    // Serializing three strings cannot fail.
    ShardReply::of_error(&serde_json::to_string(&failed).unwrap_or_default())
}

impl ParsedRequest {
    /// Parses a frame. Returns `None` for an event or a reply.
    fn read(text: &str) -> Result<Option<Self>, ReadError> {
        let text = FrameText::open(text)?;
        let Envelope::Request(request) = text.envelope()? else {
            return Ok(None);
        };
        let Some(id) = request.id else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            function: request.method.into_owned(),
            optional: request.optional,
            arguments: arguments_of(request.arguments),
        }))
    }
}

fn arguments_of(payload: Payload<'_>) -> Result<Vec<Value>, String> {
    if matches!(payload, Payload::Absent) {
        return Ok(Vec::new());
    }
    // The call comes from this program, so its arguments are trusted.
    payload.trust();
    match payload.read() {
        Ok(Value::Array(arguments)) => Ok(arguments),
        // `null` means no arguments, as for a server: Rust writes `()` as `null`.
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(_) => Err("they are not an array".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
