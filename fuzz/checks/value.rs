//! Properties of values that more than one target checks.

use std::str::from_utf8;

use crate::wire::Document;
use crate::wire::js::{Boxed, TypedArray, Value};

/// The value of a text in either codec.
pub(super) fn read(text: &[u8]) -> Option<Value> {
    let text = from_utf8(text).ok()?;
    match text.strip_prefix("s:") {
        Some(records) => Document::parse(records).ok()?.root().read().ok(),
        None => serde_json::from_str(text).ok(),
    }
}

/// Whether a number in it has no text: written, it becomes `null`.
pub(super) fn is_lossy(value: &Value) -> bool {
    any(value, |leaf| match leaf {
        Value::Number(number) | Value::Boxed(Boxed::Number(number)) => !number.is_finite(),
        Value::TypedArray(TypedArray::Float16(members) | TypedArray::Float32(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        Value::TypedArray(TypedArray::Float64(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        _ => false,
    })
}

/// Whether a whole number in it has more than 64 bits, so that `serde_json` rounds it.
pub(super) fn is_rounded(value: &Value) -> bool {
    any(value, |leaf| {
        let Value::Integer(number) = leaf else {
            return false;
        };
        u64::try_from(*number).is_err() && i64::try_from(*number).is_err()
    })
}

/// Whether this holds for a part of the value that has no parts of its own.
fn any(value: &Value, holds: fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(parts) => parts.iter().any(|part| any(part, holds)),
        Value::Set(parts) => parts.iter().any(|part| any(part, holds)),
        Value::Object(properties) => properties.iter().any(|(_, part)| any(part, holds)),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, part)| any(key, holds) || any(part, holds)),
        leaf => holds(leaf),
    }
}

/// How much a value is.
#[derive(Default)]
pub(super) struct Extent {
    /// How many containers are in each other.
    pub(super) depth: usize,
    /// How many values there are in all, and bytes in buffers.
    pub(super) size: usize,
    /// How many bytes of text there are.
    pub(super) text: usize,
}

impl Extent {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Array(elements) => Self::around(elements.iter()),
            Value::Set(members) => Self::around(members.iter()),
            Value::Object(properties) => {
                let mut extent = Self::around(properties.iter().map(|(_, value)| value));
                let keys = properties.iter().map(|(key, _)| key.len());
                extent.text += keys.sum::<usize>();
                extent
            }
            Value::Map(entries) => {
                Self::around(entries.iter().flat_map(|(key, value)| [key, value]))
            }
            Value::TypedArray(members) => Self::flat(members.len()),
            Value::ArrayBuffer(bytes) | Value::DataView(bytes) => Self::flat(bytes.len()),
            other => Self {
                text: text_of(other),
                ..Self::flat(0)
            },
        }
    }

    fn flat(members: usize) -> Self {
        Self {
            depth: 0,
            size: members + 1,
            text: 0,
        }
    }

    fn around<'a>(members: impl Iterator<Item = &'a Value>) -> Self {
        let mut extent = Self::default();
        for member in members.map(Self::of) {
            extent.depth = extent.depth.max(member.depth);
            extent.size += member.size;
            extent.text += member.text;
        }
        Self {
            depth: extent.depth + 1,
            size: extent.size + 1,
            text: extent.text,
        }
    }
}

/// How many bytes of text a value is that holds no others.
fn text_of(value: &Value) -> usize {
    match value {
        Value::String(text) | Value::Boxed(Boxed::String(text)) => text.len(),
        Value::BigInt(number) | Value::Boxed(Boxed::BigInt(number)) => number.to_string().len(),
        Value::RegExp(expression) => expression.source.len() + expression.flags.len(),
        Value::Error(error) => error.name.len() + error.message.len(),
        _ => 0,
    }
}
