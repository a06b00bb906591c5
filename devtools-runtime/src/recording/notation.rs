//! Values as plain JSON that a person can read: values that JSON does not have are objects with one key that begins with `$`
//! ([protocol 20.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#203-values)).
//!
//! An object of the program whose only key begins with `$` gets one more `$`, so it cannot be mistaken for such a value.

use data_encoding::BASE64;

use crate::wire::js::{self, Boxed, TypedArray, Value};

/// The number of levels that a value of the wire may have in this notation: a `Map` or `Set` takes two.
pub(super) const LEVELS: usize = 2 * crate::wire::MAX_DEPTH;

const UNDEFINED: &str = "$undefined";
const BIG_INT: &str = "$bigint";
const MAP: &str = "$map";
const SET: &str = "$set";
const DATE: &str = "$date";
const REG_EXP: &str = "$regexp";
const ERROR: &str = "$error";
const BOXED: &str = "$boxed";
const BYTES: &str = "$bytes";
const ARRAY: &str = "$array";

/// Writes a value in the notation.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Integer(_) | Value::String(_) => {
            value.clone()
        }
        Value::Undefined => tagged(UNDEFINED, Value::Bool(true)),
        Value::BigInt(value) => tagged(BIG_INT, text(value.as_str())),
        Value::Array(members) => list(members),
        Value::Object(properties) => Value::Object(match &properties[..] {
            [(key, value)] if key.starts_with('$') => vec![(format!("${key}"), plain(value))],
            properties => properties
                .iter()
                .map(|(key, value)| (key.clone(), plain(value)))
                .collect(),
        }),
        // The pairs are flat, so that a deep `Map` takes fewer levels.
        Value::Map(map) => {
            let flat = map.iter().flat_map(|(key, value)| [key, value]);
            tagged(MAP, Value::Array(flat.map(plain).collect()))
        }
        Value::Set(set) => tagged(SET, list(set.members())),
        Value::Date(date) => tagged(
            DATE,
            date.map_or(Value::Null, |date| text(&date.to_string())),
        ),
        Value::RegExp(expression) => {
            let parts = [("source", &expression.source), ("flags", &expression.flags)];
            tagged(REG_EXP, object(parts.map(|(key, part)| (key, text(part)))))
        }
        Value::Error(error) => tagged(ERROR, plain_error(error)),
        Value::Boxed(boxed) => tagged(
            BOXED,
            match boxed {
                Boxed::Boolean(value) => Value::Bool(*value),
                Boxed::Number(value) => Value::Number(*value),
                Boxed::String(value) => text(value),
                Boxed::BigInt(value) => tagged(BIG_INT, text(value.as_str())),
            },
        ),
        Value::ArrayBuffer(bytes) => plain_bytes("ArrayBuffer", bytes),
        Value::DataView(bytes) => plain_bytes("DataView", bytes),
        Value::TypedArray(array) => match array {
            TypedArray::Uint8(bytes) | TypedArray::Uint8Clamped(bytes) => {
                plain_bytes(array.name(), bytes)
            }
            array => {
                let members = members(array).collect();
                tagged(ARRAY, object([(array.name(), Value::Array(members))]))
            }
        },
    }
}

/// Reads a value that [`plain`] has written.
///
/// # Errors
///
/// If an object has a key of the notation with content that the key does not allow. The text of the error says which.
pub(super) fn original(value: Value) -> Result<Value, String> {
    match value {
        Value::Array(members) => Ok(Value::Array(originals(members)?)),
        Value::Object(mut properties) => {
            if properties.len() == 1 && properties[0].0.starts_with('$') {
                let (key, value) = properties.swap_remove(0);
                return special(&key, value);
            }
            let mut read = Vec::with_capacity(properties.len());
            for (key, value) in properties {
                read.push((key, original(value)?));
            }
            Ok(Value::Object(read))
        }
        other => Ok(other),
    }
}

fn special(key: &str, value: Value) -> Result<Value, String> {
    if let Some(own) = key.strip_prefix("$").filter(|own| own.starts_with('$')) {
        return Ok(Value::Object(vec![(own.to_owned(), original(value)?)]));
    }
    let wrong = || format!("`{key}` has a value that it cannot have");
    Ok(match (key, value) {
        (UNDEFINED, _) => Value::Undefined,
        (BIG_INT, Value::String(digits)) => Value::BigInt(digits.parse().map_err(|_| wrong())?),
        (MAP, Value::Array(members)) if members.len() % 2 == 0 => {
            let mut members = originals(members)?.into_iter();
            let mut map = js::Map::default();
            while let (Some(key), Some(value)) = (members.next(), members.next()) {
                map.push(key, value);
            }
            Value::Map(map)
        }
        (SET, Value::Array(members)) => Value::Set(originals(members)?.into_iter().collect()),
        (DATE, Value::Null) => Value::Date(None),
        (DATE, Value::String(date)) => Value::Date(Some(date.parse().map_err(|_| wrong())?)),
        (REG_EXP, parts) => {
            let part = |key| parts.get(key).and_then(Value::as_str).ok_or_else(wrong);
            let expression = js::RegExp::new(part("source")?, part("flags")?);
            Value::RegExp(Box::new(expression))
        }
        (ERROR, error) => Value::Error(Box::new(original_error(&error).ok_or_else(wrong)?)),
        (BOXED, value) => Value::Boxed(match original(value)? {
            Value::Bool(value) => Boxed::Boolean(value),
            Value::Number(value) => Boxed::Number(value),
            Value::String(value) => Boxed::String(value),
            Value::BigInt(value) => Boxed::BigInt(value),
            _ => return Err(wrong()),
        }),
        (BYTES, Value::Object(properties)) => match &properties[..] {
            [(name, Value::String(bytes))] => {
                let bytes = BASE64.decode(bytes.as_bytes()).map_err(|_| wrong())?;
                match name.as_str() {
                    "ArrayBuffer" => Value::ArrayBuffer(bytes),
                    "DataView" => Value::DataView(bytes),
                    "Uint8Array" => Value::TypedArray(TypedArray::Uint8(bytes)),
                    "Uint8ClampedArray" => Value::TypedArray(TypedArray::Uint8Clamped(bytes)),
                    _ => return Err(wrong()),
                }
            }
            _ => return Err(wrong()),
        },
        (ARRAY, Value::Object(properties)) => match &properties[..] {
            [(name, Value::Array(members))] => {
                Value::TypedArray(typed_array(name, members).ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        },
        _ => {
            return Err(format!(
                "`{key}` is no key of the notation, or has a value that it cannot have"
            ));
        }
    })
}

fn originals(members: Vec<Value>) -> Result<Vec<Value>, String> {
    members.into_iter().map(original).collect()
}

/// Writes an error as an object with its name and message.
fn plain_error(error: &js::Error) -> Value {
    object([
        ("name", text(&error.name)),
        ("message", text(&error.message)),
    ])
}

fn original_error(error: &Value) -> Option<js::Error> {
    let part = |key| error.get(key).and_then(Value::as_str);
    Some(js::Error::with_name(part("name")?, part("message")?))
}

/// Returns the members of a typed array as numbers, or as text if they have 64 bits.
fn members(array: &TypedArray) -> Box<dyn Iterator<Item = Value> + '_> {
    fn numbers<T: Copy + Into<f64>>(members: &[T]) -> Box<dyn Iterator<Item = Value> + '_> {
        Box::new(members.iter().map(|it| Value::Number((*it).into())))
    }
    fn digits<T: ToString>(members: &[T]) -> Box<dyn Iterator<Item = Value> + '_> {
        Box::new(members.iter().map(|it| Value::String(it.to_string())))
    }
    match array {
        TypedArray::Int8(members) => numbers(members),
        TypedArray::Uint8(members) | TypedArray::Uint8Clamped(members) => numbers(members),
        TypedArray::Int16(members) => numbers(members),
        TypedArray::Uint16(members) => numbers(members),
        TypedArray::Int32(members) => numbers(members),
        TypedArray::Uint32(members) => numbers(members),
        TypedArray::Float16(members) | TypedArray::Float32(members) => numbers(members),
        TypedArray::Float64(members) => numbers(members),
        TypedArray::BigInt64(members) => digits(members),
        TypedArray::BigUint64(members) => digits(members),
    }
}

fn typed_array(name: &str, members: &[Value]) -> Option<TypedArray> {
    fn integers<T: TryFrom<i128>>(members: &[Value]) -> Option<Vec<T>> {
        let integer = |it: &Value| it.as_integer().and_then(|it| T::try_from(it).ok());
        members.iter().map(integer).collect()
    }
    fn floats(members: &[Value]) -> Option<Vec<f64>> {
        // `NaN` and the infinities are written as `null`, because JSON does not have them.
        let float = |it: &Value| match it {
            Value::Null => Some(f64::NAN),
            it => it.as_number(),
        };
        members.iter().map(float).collect()
    }
    fn digits<T: std::str::FromStr>(members: &[Value]) -> Option<Vec<T>> {
        let integer = |it: &Value| it.as_str().and_then(|it| it.parse().ok());
        members.iter().map(integer).collect()
    }
    #[expect(clippy::cast_possible_truncation, reason = "they were of 32 bits")]
    let short = |members: Vec<f64>| members.into_iter().map(|it| it as f32).collect();
    Some(match name {
        "Int8Array" => TypedArray::Int8(integers(members)?),
        "Int16Array" => TypedArray::Int16(integers(members)?),
        "Uint16Array" => TypedArray::Uint16(integers(members)?),
        "Int32Array" => TypedArray::Int32(integers(members)?),
        "Uint32Array" => TypedArray::Uint32(integers(members)?),
        "Float16Array" => TypedArray::Float16(short(floats(members)?)),
        "Float32Array" => TypedArray::Float32(short(floats(members)?)),
        "Float64Array" => TypedArray::Float64(floats(members)?),
        "BigInt64Array" => TypedArray::BigInt64(digits(members)?),
        "BigUint64Array" => TypedArray::BigUint64(digits(members)?),
        _ => return None,
    })
}

fn plain_bytes(name: &str, bytes: &[u8]) -> Value {
    tagged(BYTES, object([(name, Value::String(BASE64.encode(bytes)))]))
}

fn tagged(key: &str, value: Value) -> Value {
    object([(key, value)])
}

pub(super) fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    Value::Object(
        properties
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
    )
}

fn list(members: &[Value]) -> Value {
    Value::Array(members.iter().map(plain).collect())
}

pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{object, original, plain, text};
    use crate::wire::js::{self, Boxed, TypedArray, Value};
    use crate::wire::json;

    fn values() -> Vec<Value> {
        vec![
            Value::Undefined,
            Value::Null,
            Value::Number(-1.5),
            Value::Integer(9_007_199_254_740_993),
            text("$date"),
            Value::BigInt(js::BigInt::from(10)),
            Value::Array(vec![Value::Undefined, Value::Bool(true)]),
            object([("$date", text("mine"))]),
            object([("$$", Value::Undefined)]),
            object([("$a", Value::Null), ("b", Value::Null)]),
            object([]),
            Value::Map([(Value::Null, Value::Undefined)].into_iter().collect()),
            Value::Set([text("a"), Value::Undefined].into_iter().collect()),
            Value::Date(None),
            Value::Date(js::Date::from_millis(5)),
            Value::RegExp(Box::new(js::RegExp::new("a/b", "gi"))),
            Value::Error(Box::new(js::Error::with_name("TypeError", "no"))),
            Value::Boxed(Boxed::Boolean(false)),
            Value::Boxed(Boxed::Number(1.0)),
            Value::Boxed(Boxed::String("s".to_owned())),
            Value::Boxed(Boxed::BigInt(js::BigInt::from(7))),
            Value::ArrayBuffer(vec![1, 2]),
            Value::DataView(vec![]),
            Value::TypedArray(TypedArray::Uint8(vec![0, 255])),
            Value::TypedArray(TypedArray::Uint8Clamped(vec![3])),
            Value::TypedArray(TypedArray::Int8(vec![-1])),
            Value::TypedArray(TypedArray::Int16(vec![-300])),
            Value::TypedArray(TypedArray::Uint16(vec![300])),
            Value::TypedArray(TypedArray::Int32(vec![i32::MIN])),
            Value::TypedArray(TypedArray::Uint32(vec![u32::MAX])),
            Value::TypedArray(TypedArray::Float16(vec![0.5])),
            Value::TypedArray(TypedArray::Float32(vec![0.1])),
            Value::TypedArray(TypedArray::Float64(vec![0.1])),
            Value::TypedArray(TypedArray::BigInt64(vec![i64::MIN])),
            Value::TypedArray(TypedArray::BigUint64(vec![u64::MAX])),
        ]
    }

    #[test]
    fn every_value_comes_back_from_its_text() {
        for value in values() {
            let written = json::write(&plain(&value), super::LEVELS).unwrap();
            let read: Value = json::read(&written).unwrap();
            assert_eq!(original(read).unwrap(), value, "{written}");
        }
        assert_eq!(values().len(), 35);
    }

    #[test]
    fn what_is_none_of_the_notation_is_refused_by_its_key() {
        for (key, value) in [
            ("$map", Value::Array(vec![Value::Null])),
            ("$date", text("soon")),
            ("$bytes", object([("Uint8Array", text("?"))])),
            (
                "$array",
                object([("Int8Array", Value::Array(vec![Value::Number(300.0)]))]),
            ),
            ("$nothing", Value::Null),
        ] {
            let error = original(object([(key, value)])).unwrap_err();
            assert!(error.contains(&format!("`{key}`")), "{error}");
        }
    }
}
