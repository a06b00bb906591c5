//! The records of a query: a compact map from the hash of the arguments to a path.
//!
//! A dump may have a hundred thousand records, and usually derives the path from the hash ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)). So the
//! map holds only hashes, and a path only where it is different.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::dump::hash::ArgumentHash;

/// The end of a usual path, after the hash.
const SUFFIX: &str = ".json";

/// The paths of a query's records, by the hash of the arguments.
#[derive(Debug, Default)]
pub(super) struct RecordPaths {
    /// The beginning of a usual path, before the hash.
    prefix: Box<str>,
    /// The records, sorted by hash. The path is `None` if it is the usual one: `prefix`, the hash and [`SUFFIX`].
    records: Vec<(ArgumentHash, Option<Box<str>>)>,
}

impl RecordPaths {
    /// Returns the path of the record with this hash.
    pub(super) fn path(&self, hash: &ArgumentHash) -> Option<String> {
        let found = self.records.binary_search_by_key(hash, |(hash, _)| *hash);
        let (hash, path) = self.records.get(found.ok()?)?;
        Some(self.path_of(hash, path.as_deref()))
    }

    /// Returns the number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Iterates over the paths of all records.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> + '_ {
        let paths = self.records.iter();
        paths.map(|(hash, path)| self.path_of(hash, path.as_deref()))
    }

    fn path_of(&self, hash: &ArgumentHash, path: Option<&str>) -> String {
        match path {
            Some(path) => path.to_owned(),
            None => format!("{}{hash}{SUFFIX}", self.prefix),
        }
    }

    /// Returns the part of a usual path before `hash`.
    fn prefix_of<'p>(path: &'p str, hash: &str) -> Option<&'p str> {
        path.strip_suffix(SUFFIX)?.strip_suffix(hash)
    }
}

impl<'de> Deserialize<'de> for RecordPaths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RecordsVisitor;

        impl<'de> Visitor<'de> for RecordsVisitor {
            type Value = RecordPaths;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the paths of records by their hashes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RecordPaths, A::Error> {
                let mut prefix: Option<Box<str>> = None;
                let mut records = Vec::new();
                while let Some((name, path)) = map.next_entry::<Cow<'_, str>, Cow<'_, str>>()? {
                    // A name that is not a hash cannot be the hash of any arguments.
                    let Some(hash) = ArgumentHash::parse(&name) else {
                        continue;
                    };
                    let usual = RecordPaths::prefix_of(&path, &name);
                    let prefix = match (&prefix, usual) {
                        (None, Some(usual)) => prefix.insert(usual.into()),
                        (Some(prefix), _) => prefix,
                        (None, None) => "",
                    };
                    let is_usual = usual == Some(prefix);
                    records.push((hash, (!is_usual).then(|| path.into())));
                }
                // If a hash occurs twice, the last path is used.
                records.sort_by_key(|(hash, _)| *hash);
                records.dedup_by(|later, earlier| {
                    let is_same = later.0 == earlier.0;
                    if is_same {
                        std::mem::swap(later, earlier);
                    }
                    is_same
                });
                records.shrink_to_fit();
                Ok(RecordPaths {
                    prefix: prefix.unwrap_or_default(),
                    records,
                })
            }
        }

        deserializer.deserialize_map(RecordsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::RecordPaths;
    use crate::dump::hash::{ArgumentHash, hash_arguments};
    use crate::wire::js::Value;

    fn hash(number: f64) -> ArgumentHash {
        hash_arguments(&[Value::Number(number)]).unwrap()
    }

    #[test]
    fn a_path_is_found_whatever_its_form() {
        let [usual, other, twice, foreign] = [1.0, 2.0, 3.0, 4.0].map(hash);
        let text = format!(
            r#"{{
                "no-hash": "a.json",
                "{other}": "elsewhere/{usual}.json",
                "{usual}": "__rpc-dump/f.record.{usual}.json",
                "{twice}": "first.json",
                "{foreign}": "__rpc-dump/g.record.{foreign}.json",
                "{twice}": "__rpc-dump\/f.record.{twice}.json"
            }}"#
        );
        let records: RecordPaths = serde_json::from_str(&text).unwrap();
        let path = |hash| records.path(hash).unwrap();
        assert_eq!(path(&usual), format!("__rpc-dump/f.record.{usual}.json"));
        assert_eq!(path(&other), format!("elsewhere/{usual}.json"));
        assert_eq!(path(&twice), format!("__rpc-dump/f.record.{twice}.json"));
        assert_eq!(
            path(&foreign),
            format!("__rpc-dump/g.record.{foreign}.json")
        );
        assert_eq!(records.path(&hash(5.0)), None);
        assert_eq!((records.len(), records.paths().count()), (4, 4));
        let kept = records.records.iter().filter(|(_, path)| path.is_some());
        assert_eq!(kept.count(), 2);
    }
}
