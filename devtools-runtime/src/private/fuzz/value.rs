//! What is said of values in more than one target.

use crate::wire::js::{Boxed, TypedArray, Value};

/// Whether a number in it has no text: written, it becomes `null`.
pub(super) fn is_lossy(value: &Value) -> bool {
    match value {
        Value::Number(number) | Value::Boxed(Boxed::Number(number)) => !number.is_finite(),
        Value::Array(elements) => elements.iter().any(is_lossy),
        Value::Object(properties) => properties.iter().any(|(_, value)| is_lossy(value)),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, it)| is_lossy(key) || is_lossy(it)),
        Value::Set(members) => members.iter().any(is_lossy),
        Value::TypedArray(TypedArray::Float16(members) | TypedArray::Float32(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        Value::TypedArray(TypedArray::Float64(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        _ => false,
    }
}

/// How much a value is.
#[derive(Default)]
pub(super) struct Extent {
    /// How many containers are in each other.
    pub(super) depth: usize,
    /// How many values there are in all, and bytes in buffers.
    pub(super) size: usize,
}

impl Extent {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Array(elements) => Self::around(elements.iter()),
            Value::Set(members) => Self::around(members.iter()),
            Value::Object(properties) => Self::around(properties.iter().map(|(_, value)| value)),
            Value::Map(entries) => {
                Self::around(entries.iter().flat_map(|(key, value)| [key, value]))
            }
            Value::TypedArray(members) => Self::flat(members.len()),
            Value::ArrayBuffer(bytes) | Value::DataView(bytes) => Self::flat(bytes.len()),
            _ => Self::flat(0),
        }
    }

    fn flat(members: usize) -> Self {
        Self {
            depth: 0,
            size: members + 1,
        }
    }

    fn around<'a>(members: impl Iterator<Item = &'a Value>) -> Self {
        let mut extent = Self::default();
        for member in members.map(Self::of) {
            extent.depth = extent.depth.max(member.depth);
            extent.size += member.size;
        }
        Self {
            depth: extent.depth + 1,
            size: extent.size + 1,
        }
    }
}
