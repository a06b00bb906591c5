//! A static dump, and its answers to requests.

use std::sync::Arc;

use serde::Serialize;

use crate::dump::hash::hash_arguments;
use crate::dump::read::described;
use crate::dump::read::excerpt::excerpt;
use crate::dump::read::manifest::{Manifest, ManifestEntry};
use crate::dump::read::nearest::{self, no_match};
use crate::dump::read::records::RecordPaths;
use crate::dump::read::request::ParsedRequest;
use crate::dump::read::shard::ShardReply;
use crate::dump::read::shards::ShardCache;
use crate::dump::read::shown::shown;
use crate::dump::read::source::{DumpFiles, FileError};
use crate::dump::read::spellings::{is_absent, spellings};
use crate::function::{RpcFunction as _, WithCauses};
use crate::peer::{Frame, Limits, unknown_function};
use crate::protocol::introspection::ListFunctions;
use crate::wire::js::Value;

/// The path of the manifest, relative to the base of a dump.
const MANIFEST: &str = "__rpc-dump/index.json";

/// The error code of a call that was not recorded.
pub(super) const NOT_RECORDED: &str = "dump-not-recorded";

/// The error code of a call whose file cannot be read.
const UNREADABLE: &str = "dump-unreadable";

/// A static dump.
pub(crate) struct StaticDump {
    pub(super) manifest: Manifest,
    pub(super) shards: ShardCache,
}

/// The reason why a file does not answer a request.
pub(super) enum LookupFailure {
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
    pub(super) async fn answer(&self, frame: &Frame) -> Option<String> {
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

    pub(super) async fn find(
        &self,
        question: &ParsedRequest,
    ) -> Result<Arc<ShardReply>, LookupFailure> {
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
pub(super) fn record(
    records: &RecordPaths,
    arguments: &[Value],
) -> Result<Option<String>, LookupFailure> {
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

pub(super) fn failure(code: Option<&str>, message: &str) -> ShardReply {
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
