//! The names of a dump's files ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).

use crate::dump::hash::ArgumentHash;
use crate::protocol::component::encode_component;

/// The folder of the records, relative to the dump.
pub(crate) const FOLDER: &str = "__rpc-dump";

/// The longest file name, in bytes, that every file system accepts.
pub(crate) const LONGEST: usize = 255;

/// The prefix of the names of one function's files.
///
/// A percent sign in it is part of the file's name. A web server that decodes the requested path does not find such a
/// file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Stem(String);

impl Stem {
    /// Returns the stem of a function: `encodeURIComponent` of its name, with `~` for each `:`.
    pub(crate) fn of(name: &str) -> Self {
        let name = name.replace(':', "~");
        Self(encode_component(&name).to_string())
    }

    /// Returns `true` if every file name with this prefix is short enough for every file system.
    pub(crate) fn fits(&self) -> bool {
        self.0.len() + ".record..json".len() + ArgumentHash::LENGTH <= LONGEST
    }

    /// Returns the path of a static function's file.
    pub(crate) fn constant(&self) -> String {
        format!("{FOLDER}/{}.static.json", self.0)
    }

    /// Returns the path of the record for the arguments with this hash.
    pub(crate) fn record(&self, hash: &ArgumentHash) -> String {
        format!("{FOLDER}/{}.record.{hash}.json", self.0)
    }

    /// Returns the path of the fallback.
    pub(crate) fn fallback(&self) -> String {
        format!("{FOLDER}/{}.fallback.json", self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Stem;
    use crate::dump::hash::hash_arguments;

    #[test]
    fn names_are_those_of_javascript() {
        let stem = |name| Stem::of(name).0;
        assert_eq!(stem("my-plugin:get-data"), "my-plugin~get-data");
        assert_eq!(stem("a:b:c"), "a~b~c");
        assert_eq!(
            stem("demo:weird/na me%~ü?#:x"),
            "demo~weird%2Fna%20me%25~%C3%BC%3F%23~x"
        );
        assert_eq!(stem("demo:-_.!~*'()"), "demo~-_.!~*'()");
    }

    #[test]
    fn every_path_of_a_real_manifest_is_the_one_made_here() {
        let manifest =
            include_str!("../../../tests/vectors/static-dump/dist/__rpc-dump/index.json");
        let manifest: serde_json::Map<String, Value> = serde_json::from_str(manifest).unwrap();
        let empty = hash_arguments(&[]).unwrap().to_string();
        for (name, entry) in manifest {
            let stem = Stem::of(&name);
            if let Some(path) = entry.get("path") {
                assert_eq!(path, &stem.constant());
            }
            if let Some(path) = entry.get("fallback") {
                assert_eq!(path, &stem.fallback());
            }
            for (hash, path) in entry
                .get("records")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let of_empty = stem.record(&hash_arguments(&[]).unwrap());
                assert_eq!(path, &of_empty.replace(&empty, hash));
            }
        }
    }

    #[test]
    fn a_name_that_no_file_can_have_is_known() {
        assert!(Stem::of(&format!("a:{}", "b".repeat(190))).fits());
        assert!(!Stem::of(&format!("a:{}", "b".repeat(200))).fits());
    }
}
