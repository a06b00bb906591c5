//! The hash of arguments, by which a dump finds the record of a call.

use super::Verdict;
use super::value::{Extent, is_lossy, read};
use crate::dump::hash::{ArgumentHash, hash_arguments, hash_payload, length_of_text};
use crate::wire::js::Value;
use crate::wire::{self, Document, Payload};

/// The arguments of a call, in either codec.
///
/// # Panics
///
/// If the hash depends on the way that arguments travel or on the order of properties, if its name is none, or
/// if the text that is hashed is longer than the arguments pay for.
pub fn argument_hash(text: &[u8]) -> Verdict {
    let Some(Value::Array(arguments)) = read(text) else {
        return Verdict::Refused;
    };
    let Ok(hash) = hash_arguments(&arguments) else {
        return Verdict::Refused;
    };
    let name = hash.to_string();
    assert_eq!(name.len(), ArgumentHash::LENGTH);
    assert_eq!(ArgumentHash::parse(&name), Some(hash));

    let all = Value::Array(arguments);
    let mut clone = String::new();
    if wire::write_clone(&mut clone, &all).is_ok() && !is_lossy(&all) {
        let document = Document::parse(&clone);
        let document = document.unwrap_or_else(|error| panic!("written, but not read: {error}"));
        let travelled = hash_payload(Payload::Clone(document.root()));
        assert_eq!(travelled.ok(), Some(hash), "{clone}");
    }
    let Value::Array(reversed) = with_properties_reversed(&all) else {
        unreachable!("an array is one in any order");
    };
    assert_eq!(hash_arguments(&reversed).ok(), Some(hash), "{all:?}");

    let extent = Extent::of(&all);
    let length = length_of_text(&reversed).unwrap_or_default();
    // A number has at most 25 characters, and a member of a typed array its index as well.
    let paid_for = 64 * extent.size + 4 * extent.text;
    assert!(length <= paid_for, "{length} of {paid_for}: {all:?}");
    Verdict::Read
}

fn with_properties_reversed(value: &Value) -> Value {
    match value {
        Value::Array(members) => {
            Value::Array(members.iter().map(with_properties_reversed).collect())
        }
        Value::Object(properties) => {
            let properties = properties.iter().rev();
            let reversed = properties.map(|(key, it)| (key.clone(), with_properties_reversed(it)));
            Value::Object(reversed.collect())
        }
        other => other.clone(),
    }
}
