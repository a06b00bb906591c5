//! Turns the tagged descriptions in the vectors file into JavaScript values.

use std::collections::HashMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::wire::js::{Boxed, Error, Map, RegExp, TypedArray, Value};

/// A description. Its content is text, because some are nested deeper than `serde_json` can read.
#[derive(Deserialize)]
struct Description {
    #[serde(rename = "$")]
    kind: String,
    id: Option<u64>,
    #[serde(rename = "v")]
    content: Option<Box<RawValue>>,
    #[serde(rename = "type")]
    class: Option<String>,
    source: Option<String>,
    flags: Option<String>,
    name: Option<String>,
    message: Option<serde_json::Value>,
}

impl Description {
    fn content<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(self.content.as_ref().unwrap().get()).unwrap()
    }
}

/// The reason why a [`Value`] cannot represent or write what is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Unholdable {
    /// The value contains itself.
    Cycle,
    /// The value is referred to twice, but a `Value` has no identity.
    Shared,
    /// The string has unpaired surrogates.
    LoneSurrogate,
    /// The value contains a function.
    Function,
    /// The value contains a symbol.
    Symbol,
    /// A JavaScript class in the value becomes something else when it is written.
    Class,
}

/// The purpose for which a description is turned into a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Comparison with a value that was read: references are expanded, and unpaired surrogates are U+FFFD.
    Compare,
    /// Writing: the value must be represented exactly. Errors have the name that JavaScript writes.
    Write,
}

pub(crate) fn describe(description: &RawValue, purpose: Use) -> Result<Value, Unholdable> {
    Describer {
        purpose,
        known: HashMap::new(),
    }
    .value(description)
}

struct Describer {
    purpose: Use,
    /// The containers with an id. `None` while their content is being converted.
    known: HashMap<u64, Option<Value>>,
}

impl Describer {
    fn value(&mut self, description: &RawValue) -> Result<Value, Unholdable> {
        let description: Description = serde_json::from_str(description.get()).unwrap();
        match description.id {
            Some(id) if description.kind == "ref" => self.reference(id),
            Some(id) => {
                self.known.insert(id, None);
                let value = self.unnumbered(&description)?;
                self.known.insert(id, Some(value.clone()));
                Ok(value)
            }
            None => self.unnumbered(&description),
        }
    }

    fn unnumbered(&mut self, description: &Description) -> Result<Value, Unholdable> {
        Ok(match description.kind.as_str() {
            "undefined" | "hole" => Value::Undefined,
            "null" => Value::Null,
            "bool" => Value::Bool(description.content()),
            "num" => Value::Number(number(description.content.as_ref().unwrap())),
            "str" => Value::String(description.content()),
            "str16" if self.purpose == Use::Write => return Err(Unholdable::LoneSurrogate),
            "str16" => Value::String(String::from_utf16_lossy(&description.content::<Vec<_>>())),
            "bigint" => Value::BigInt(description.content::<String>().parse().unwrap()),
            "array" => Value::Array(self.values(description)?),
            "set" => Value::Set(self.values(description)?.into()),
            "object" => {
                let pairs = self.pairs(description)?.into_iter();
                Value::Object(pairs.map(|(key, value)| (text(key), value)).collect())
            }
            "map" => Value::Map(Map::from(self.pairs(description)?)),
            "date" => Value::Date(description.content::<String>().parse().ok()),
            "regexp" => {
                let [source, flags] = [&description.source, &description.flags];
                RegExp::new(source.as_deref().unwrap(), flags.as_deref().unwrap()).into()
            }
            "error" => self.error(description)?,
            "boxed" => boxed(self.value(description.content.as_ref().unwrap())?),
            "typed" => typed(
                description.class.as_deref().unwrap(),
                &description.content::<Vec<Box<RawValue>>>(),
            ),
            "arraybuffer" => Value::ArrayBuffer(description.content()),
            "dataview" => Value::DataView(description.content()),
            "function" => return Err(Unholdable::Function),
            "symbol" => return Err(Unholdable::Symbol),
            other => panic!("unknown kind {other}"),
        })
    }

    fn reference(&mut self, id: u64) -> Result<Value, Unholdable> {
        match self.known[&id].clone() {
            None => Err(Unholdable::Cycle),
            Some(_) if self.purpose == Use::Write => Err(Unholdable::Shared),
            Some(value) => Ok(value),
        }
    }

    fn error(&self, description: &Description) -> Result<Value, Unholdable> {
        let message = description
            .message
            .as_ref()
            .unwrap()
            .as_str()
            .ok_or(Unholdable::Class)?;
        Ok(match self.purpose {
            Use::Compare => Error::with_name(description.name.as_deref().unwrap(), message).into(),
            Use::Write => Error::new(message).into(),
        })
    }

    fn values(&mut self, description: &Description) -> Result<Vec<Value>, Unholdable> {
        let members: Vec<Box<RawValue>> = description.content();
        members.iter().map(|member| self.value(member)).collect()
    }

    fn pairs(&mut self, description: &Description) -> Result<Vec<(Value, Value)>, Unholdable> {
        let pairs: Vec<[Box<RawValue>; 2]> = description.content();
        pairs
            .iter()
            .map(|[key, value]| Ok((self.value(key)?, self.value(value)?)))
            .collect()
    }
}

fn text(value: Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Parses a number, which may be in quotes. Rust parses all of them to the nearest float.
fn number(content: &RawValue) -> f64 {
    content.get().trim_matches('"').parse().unwrap()
}

fn boxed(primitive: Value) -> Value {
    Value::Boxed(match primitive {
        Value::Bool(value) => Boxed::Boolean(value),
        Value::Number(value) => Boxed::Number(value),
        Value::String(value) => Boxed::String(value),
        Value::BigInt(value) => Boxed::BigInt(value),
        other => panic!("{other:?} cannot be boxed"),
    })
}

fn typed(class: &str, members: &[Box<RawValue>]) -> Value {
    macro_rules! integers {
        () => {
            members
                .iter()
                .map(|member| member.get().trim_matches('"').parse().unwrap())
                .collect()
        };
    }

    Value::TypedArray(match class {
        "Int8Array" => TypedArray::Int8(integers!()),
        "Uint8Array" | "Buffer" => TypedArray::Uint8(integers!()),
        "Uint8ClampedArray" => TypedArray::Uint8Clamped(integers!()),
        "Int16Array" => TypedArray::Int16(integers!()),
        "Uint16Array" => TypedArray::Uint16(integers!()),
        "Int32Array" => TypedArray::Int32(integers!()),
        "Uint32Array" => TypedArray::Uint32(integers!()),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "they came from a Float32Array"
        )]
        "Float32Array" => {
            TypedArray::Float32(members.iter().map(|member| number(member) as f32).collect())
        }
        "Float64Array" => {
            TypedArray::Float64(members.iter().map(|member| number(member)).collect())
        }
        "BigInt64Array" => TypedArray::BigInt64(integers!()),
        "BigUint64Array" => TypedArray::BigUint64(integers!()),
        other => panic!("unknown class {other}"),
    })
}
