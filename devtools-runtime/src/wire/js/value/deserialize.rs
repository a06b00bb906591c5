//! Reads a value together with its type.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
};

use crate::wire::js::bytes::Bytes;
use crate::wire::js::collections::keep_last;
use crate::wire::js::date::Date;
use crate::wire::js::json_number::check_key;
use crate::wire::js::marker;
use crate::wire::js::typed_array::TypedArray;
use crate::wire::js::value::convert::{of_integer, of_text};
use crate::wire::js::value::kind::ValueKind;
use crate::wire::js::value::variants::{Boxed, Value};
use crate::wire::reserved::NUMBER;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(marker::VALUE, ValueVisitor)
    }
}

/// Reads the value as an enum of [`ValueKind`] from the structured-clone codec, and as it is from any other format.
struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Value, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, value: A) -> Result<Value, A::Error> {
        let (kind, content) = value.variant()?;
        Ok(match kind {
            ValueKind::Undefined => content.unit_variant().map(|()| Value::Undefined)?,
            ValueKind::Null => content.unit_variant().map(|()| Value::Null)?,
            ValueKind::Bool => Value::Bool(content.newtype_variant()?),
            ValueKind::Number => Value::Number(content.newtype_variant()?),
            ValueKind::Integer => Value::Integer(content.newtype_variant()?),
            ValueKind::String => Value::String(content.newtype_variant()?),
            ValueKind::BigInt => Value::BigInt(content.newtype_variant()?),
            ValueKind::Array => Value::Array(content.newtype_variant()?),
            ValueKind::Object => Value::Object(content.newtype_variant::<ObjectProperties>()?.0),
            ValueKind::Map => Value::Map(content.newtype_variant()?),
            ValueKind::Set => Value::Set(content.newtype_variant()?),
            ValueKind::Date => Value::Date(Date::from_number(content.newtype_variant()?)),
            ValueKind::RegExp => Value::RegExp(content.newtype_variant()?),
            ValueKind::Error => Value::Error(content.newtype_variant()?),
            ValueKind::BoxedBoolean => Value::Boxed(Boxed::Boolean(content.newtype_variant()?)),
            ValueKind::BoxedNumber => Value::Boxed(Boxed::Number(content.newtype_variant()?)),
            ValueKind::BoxedString => Value::Boxed(Boxed::String(content.newtype_variant()?)),
            ValueKind::BoxedBigInt => Value::Boxed(Boxed::BigInt(content.newtype_variant()?)),
            ValueKind::ArrayBuffer => Value::ArrayBuffer(content.newtype_variant::<Bytes>()?.0),
            ValueKind::DataView => Value::DataView(content.newtype_variant::<Bytes>()?.0),
            _ => Value::TypedArray(typed_array(kind, content)?),
        })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Value, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E: de::Error>(self, number: i128) -> Result<Value, E> {
        Ok(of_integer(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::TypedArray(TypedArray::Uint8(bytes.to_vec())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(member) = members.next_element()? {
            array.push(member);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut properties: Vec<(String, Value)> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER && properties.is_empty() {
                return entries.next_value::<String>().map(|text| of_text(&text));
            }
            check_key(&key)?;
            properties.push((key, entries.next_value()?));
        }
        Ok(Value::Object(keep_last(properties)))
    }
}

fn typed_array<'de, A: VariantAccess<'de>>(
    kind: ValueKind,
    content: A,
) -> Result<TypedArray, A::Error> {
    Ok(match kind {
        ValueKind::Int8Array => TypedArray::Int8(content.newtype_variant()?),
        ValueKind::Uint8Array => TypedArray::Uint8(content.newtype_variant::<Bytes>()?.0),
        ValueKind::Uint8ClampedArray => {
            TypedArray::Uint8Clamped(content.newtype_variant::<Bytes>()?.0)
        }
        ValueKind::Int16Array => TypedArray::Int16(content.newtype_variant()?),
        ValueKind::Uint16Array => TypedArray::Uint16(content.newtype_variant()?),
        ValueKind::Int32Array => TypedArray::Int32(content.newtype_variant()?),
        ValueKind::Uint32Array => TypedArray::Uint32(content.newtype_variant()?),
        ValueKind::Float16Array => TypedArray::Float16(content.newtype_variant()?),
        ValueKind::Float32Array => TypedArray::Float32(content.newtype_variant()?),
        ValueKind::BigInt64Array => TypedArray::BigInt64(content.newtype_variant()?),
        ValueKind::BigUint64Array => TypedArray::BigUint64(content.newtype_variant()?),
        _ => TypedArray::Float64(content.newtype_variant()?),
    })
}

/// The properties of an object in order.
struct ObjectProperties(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for ObjectProperties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = ObjectProperties;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ObjectProperties, A::Error> {
        let mut properties = Vec::new();
        while let Some(property) = entries.next_entry()? {
            properties.push(property);
        }
        Ok(ObjectProperties(properties))
    }
}

impl<'de> Deserialize<'de> for TypedArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "expected a typed array";
        match Value::deserialize(deserializer)? {
            Value::TypedArray(array) => Ok(array),
            Value::Array(members) => members
                .iter()
                .map(|member| {
                    member
                        .as_number()
                        .ok_or_else(|| de::Error::custom(EXPECTED))
                })
                .collect::<Result<_, _>>()
                .map(TypedArray::Float64),
            _ => Err(de::Error::custom(EXPECTED)),
        }
    }
}
