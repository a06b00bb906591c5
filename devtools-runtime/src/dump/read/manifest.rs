//! The manifest of a dump: its functions, and the paths of their shards ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::records::RecordPaths;
use crate::function::BoxError;

/// The functions of a dump, by name.
pub(super) struct Manifest(HashMap<String, ManifestEntry>);

/// The manifest's entry for one function. Paths are relative to the base of the dump.
#[derive(Debug)]
pub(super) enum ManifestEntry {
    /// A static function, with the path of its only shard.
    Static { path: Box<str>, format: Format },
    /// A query, with the paths of its shards by the hash of the arguments.
    Query {
        records: RecordPaths,
        fallback: Option<Box<str>>,
        format: Format,
    },
    /// A static function whose output, as JSON, is the entry itself. Older dumps have such entries.
    Inline(Box<str>),
    /// An entry that cannot be read, with the reason.
    Unreadable(String),
}

/// The format of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    /// Structured-clone text without its prefix.
    Clone,
}

impl Manifest {
    /// Parses a manifest. An entry that cannot be parsed becomes [`ManifestEntry::Unreadable`].
    pub(super) fn parse(text: &str) -> Result<Self, BoxError> {
        let entries: HashMap<String, &RawValue> = serde_json::from_str(text)?;
        let entries = entries
            .into_iter()
            .map(|(name, entry)| (name, ManifestEntry::parse(entry.get())));
        Ok(Self(entries.collect()))
    }

    /// Returns the entry of each function.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &ManifestEntry)> {
        self.0.iter().map(|(name, entry)| (&**name, entry))
    }

    pub(super) fn get(&self, function: &str) -> Option<&ManifestEntry> {
        self.0.get(function)
    }
}

#[derive(Deserialize)]
struct EntryKind {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct StaticEntry {
    path: Box<str>,
    serialization: Option<Box<str>>,
}

#[derive(Deserialize)]
struct QueryEntry {
    records: RecordPaths,
    fallback: Option<Box<str>>,
    serialization: Option<Box<str>>,
}

impl ManifestEntry {
    fn parse(text: &str) -> Self {
        let kind = serde_json::from_str::<EntryKind>(text).map(|kind| kind.kind);
        let entry = match kind.as_deref() {
            Ok("static") => serde_json::from_str(text).map(|entry: StaticEntry| Self::Static {
                path: entry.path,
                format: Format::of(entry.serialization.as_deref()),
            }),
            Ok("query") => serde_json::from_str(text).map(|entry: QueryEntry| Self::Query {
                records: entry.records,
                fallback: entry.fallback.filter(|path| !path.is_empty()),
                format: Format::of(entry.serialization.as_deref()),
            }),
            _ => Ok(Self::Inline(text.into())),
        };
        entry.unwrap_or_else(|error| Self::Unreadable(error.to_string()))
    }
}

impl Format {
    fn of(serialization: Option<&str>) -> Self {
        match serialization {
            Some("structured-clone") => Self::Clone,
            _ => Self::Json,
        }
    }
}
