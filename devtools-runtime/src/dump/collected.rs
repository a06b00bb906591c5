//! The contents of a collected dump: the entries of its manifest, and the size and checksum of every file.
//!
//! Only the hash, size and checksum of a record stay in memory, never its content.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::dump::hash::ArgumentHash;
use crate::dump::names::Stem;
use crate::wire::Encoding;

/// The functions of a dump, in the order of the manifest.
#[derive(Debug, Default)]
pub(crate) struct CollectedDump {
    pub(crate) functions: Vec<CollectedFunction>,
    /// The names of the functions that can be called with JSON, sorted.
    pub(crate) json: Vec<String>,
    /// The fixed configuration that clients get with the metadata.
    pub(crate) configs: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct CollectedFunction {
    pub(crate) name: String,
    pub(crate) stem: Stem,
    pub(crate) encoding: Encoding,
    pub(crate) files: FunctionFiles,
}

#[derive(Debug)]
pub(crate) enum FunctionFiles {
    Static(Sum),
    Query {
        /// The records, sorted as in the manifest.
        records: Vec<CollectedRecord>,
        /// Further hashes of arguments that lead to one of the records.
        aliases: Vec<Alias>,
        fallback: Option<Sum>,
    },
}

/// The record of one call.
#[derive(Debug)]
pub(crate) struct CollectedRecord {
    pub(crate) hash: ArgumentHash,
    pub(crate) sum: Sum,
    /// The position of the first call with these arguments. The manifest sorts the records by it.
    pub(crate) order: u32,
    /// The position of the last call with these arguments. Its result is the record's content.
    pub(crate) last: u32,
}

/// The hash of arguments that mean the same as those of a record.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) hash: ArgumentHash,
    /// The `order` of that record.
    pub(crate) order: u32,
}

/// The size and the SHA-256 of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) bytes: u64,
    pub(crate) sha256: [u8; 32],
}

impl Sum {
    pub(crate) fn of(content: &[u8]) -> Self {
        Self {
            bytes: content.len() as u64,
            sha256: Sha256::digest(content).into(),
        }
    }
}

impl CollectedFunction {
    /// Iterates over the paths of the function's files, each with its size and checksum.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, Sum)> {
        let (constant, records, fallback) = match &self.files {
            FunctionFiles::Static(sum) => (Some(*sum), &[][..], None),
            FunctionFiles::Query {
                records, fallback, ..
            } => (None, &records[..], *fallback),
        };
        let constant = constant.map(|sum| (self.stem.constant(), sum));
        let fallback = fallback.map(|sum| (self.stem.fallback(), sum));
        let records = records
            .iter()
            .map(|record| (self.stem.record(&record.hash), record.sum));
        constant.into_iter().chain(records).chain(fallback)
    }
}

/// The manifest, `__rpc-dump/index.json` ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).
pub(crate) struct WrittenManifest<'a>(pub(crate) &'a CollectedDump);

impl Serialize for WrittenManifest<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let functions = self.0.functions.iter();
        serializer.collect_map(functions.map(|function| (&function.name, WrittenEntry(function))))
    }
}

struct WrittenEntry<'a>(&'a CollectedFunction);

impl Serialize for WrittenEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let function = self.0;
        let mut entry = serializer.serialize_struct("Entry", 4)?;
        match &function.files {
            FunctionFiles::Static(_) => {
                entry.serialize_field("type", "static")?;
                entry.serialize_field("path", &function.stem.constant())?;
                entry.serialize_field("serialization", &function.encoding)?;
            }
            FunctionFiles::Query {
                records,
                aliases,
                fallback,
            } => {
                entry.serialize_field("type", "query")?;
                let stem = &function.stem;
                entry.serialize_field(
                    "records",
                    &WrittenRecords {
                        stem,
                        own: records,
                        aliases,
                    },
                )?;
                entry.serialize_field("serialization", &function.encoding)?;
                if fallback.is_some() {
                    entry.serialize_field("fallback", &function.stem.fallback())?;
                }
            }
        }
        entry.end()
    }
}

struct WrittenRecords<'a> {
    stem: &'a Stem,
    own: &'a [CollectedRecord],
    /// The aliases, sorted by `order` like the records.
    aliases: &'a [Alias],
}

impl Serialize for WrittenRecords<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.own.len() + self.aliases.len()))?;
        let mut aliases = self.aliases.iter().peekable();
        for record in self.own {
            let path = self.stem.record(&record.hash);
            map.serialize_entry(&record.hash.to_string(), &path)?;
            while let Some(alias) = aliases.next_if(|alias| alias.order == record.order) {
                map.serialize_entry(&alias.hash.to_string(), &path)?;
            }
        }
        map.end()
    }
}

/// The metadata of a dump, `__connection.json` ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).
#[derive(Serialize)]
#[serde(tag = "backend", rename = "static", rename_all = "camelCase")]
pub(crate) struct WrittenConnection<'a> {
    /// The URL of the dump's own metadata. Only copies of the metadata have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base_url: Option<&'a str>,
    #[serde(rename = "jsonSerializableMethods")]
    pub(crate) json: &'a [String],
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) configs: &'a Map<String, Value>,
}
