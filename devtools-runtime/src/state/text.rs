//! Values as structured-clone text, and back.

use std::hash::{BuildHasher, Hash, Hasher as _};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::state::error::MutateError;
use crate::state::shared_state::SharedValue;
use crate::wire::{self, DecodeError, Document, EncodeError, js};

/// Writes a value as text. Equal texts are equal values. Equal values may have different texts if their keys have no order,
/// as in a `HashMap`.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, EncodeError> {
    let mut text = String::new();
    wire::write_clone(&mut text, value)?;
    Ok(text)
}

/// Writes the value of a state as text.
///
/// # Errors
///
/// If the value cannot be written, or its text is longer than `limit`.
pub(crate) fn encode<T: SharedValue>(
    key: &str,
    value: &T,
    limit: usize,
) -> Result<String, MutateError> {
    let text = write(value).map_err(|error| MutateError::Encode {
        key: key.to_owned(),
        source: error.into(),
    })?;
    if text.len() > limit {
        return Err(MutateError::TooLarge {
            key: key.to_owned(),
            size: text.len(),
            limit,
        });
    }
    Ok(text)
}

/// Reads a value from its text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    Document::parse(text)?.root().read()
}

/// Reads a value of any type from a text that this module has written. A text that cannot be read counts as `undefined`.
pub(crate) fn any(text: &str) -> js::Value {
    read(text).unwrap_or_default()
}

/// Returns a hash of the value of a text. The order of an object's properties does not count, because JavaScript does not
/// preserve it.
pub(crate) fn fingerprint(text: &str, hasher: &impl BuildHasher) -> u64 {
    match read(text) {
        Ok(value) => of_value(&value, hasher),
        Err(_) => hasher.hash_one(text),
    }
}

fn of_value(value: &js::Value, hasher: &impl BuildHasher) -> u64 {
    let of = |value| of_value(value, hasher);
    let in_order = |kind: u8, members: &mut dyn Iterator<Item = u64>| {
        let mut all = hasher.build_hasher();
        kind.hash(&mut all);
        members.for_each(|member| member.hash(&mut all));
        all.finish()
    };
    match value {
        js::Value::Object(properties) => {
            let properties = properties.iter();
            let properties = properties.map(|(name, value)| hasher.hash_one((name, of(value))));
            hasher.hash_one(properties.fold(0, u64::wrapping_add))
        }
        js::Value::Array(members) => in_order(0, &mut members.iter().map(of)),
        js::Value::Set(members) => in_order(1, &mut members.iter().map(of)),
        js::Value::Map(entries) => {
            let entries = entries.iter();
            in_order(
                2,
                &mut entries.flat_map(|(key, value)| [of(key), of(value)]),
            )
        }
        leaf => hasher.hash_one(write(leaf).ok()),
    }
}
