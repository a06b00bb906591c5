//! Writes a value as its type.

use serde::{Serialize, Serializer};

use crate::wire::js::marker;
use crate::wire::js::undefined::Undefined;
use crate::wire::js::value::variants::{Boxed, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Undefined => Undefined.serialize(serializer),
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => serialize_number(*number, serializer),
            Self::Integer(number) => serializer.serialize_i128(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::BigInt(value) => value.serialize(serializer),
            Self::Array(members) => members.serialize(serializer),
            Self::Object(properties) => {
                serializer.collect_map(properties.iter().map(|(key, value)| (key, value)))
            }
            Self::Map(map) => map.serialize(serializer),
            Self::Set(set) => set.serialize(serializer),
            Self::Date(Some(date)) => date.serialize(serializer),
            Self::Date(None) => serializer.serialize_newtype_struct(marker::INVALID_DATE, &()),
            Self::RegExp(expression) => expression.serialize(serializer),
            Self::Error(error) => error.serialize(serializer),
            Self::Boxed(boxed) => boxed.serialize(serializer),
            Self::TypedArray(array) => array.serialize(serializer),
            Self::ArrayBuffer(bytes) => {
                serializer.serialize_newtype_struct(marker::ARRAY_BUFFER, bytes)
            }
            Self::DataView(bytes) => serializer.serialize_newtype_struct(marker::DATA_VIEW, bytes),
        }
    }
}

impl Serialize for Boxed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => {
                serializer.serialize_newtype_struct(marker::BOXED_BOOLEAN, value)
            }
            Self::Number(number) => {
                serializer.serialize_newtype_struct(marker::BOXED_NUMBER, number)
            }
            Self::String(text) => serializer.serialize_newtype_struct(marker::BOXED_STRING, text),
            Self::BigInt(value) => {
                serializer.serialize_newtype_struct(marker::BOXED_BIG_INT, value.as_str())
            }
        }
    }
}

/// Writes whole numbers as integers, so that JSON has `1` for JavaScript's 1, and not `1.0`. The digits are those that
/// JavaScript prints, so a number that was read from digits is written with the same ones.
fn serialize_number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() != 0.0 {
        return serializer.serialize_f64(number);
    }
    if number.abs() <= MAX_SAFE_INTEGER {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "integral and within 53 bits"
        )]
        let integer = number as i64;
        return serializer.serialize_i64(integer);
    }
    let mut buffer = ryu_js::Buffer::new();
    let digits = buffer.format(number);
    // Not every format has integers of more than 64 bits.
    match (digits.parse::<i64>(), digits.parse::<u64>()) {
        (Ok(integer), _) => serializer.serialize_i64(integer),
        (_, Ok(integer)) => serializer.serialize_u64(integer),
        _ => serializer.serialize_f64(number),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::js::Value;

    #[test]
    fn whole_numbers_keep_their_digits_in_json() {
        for text in [
            "1",
            "-9007199254740991",
            "9007199254740992",
            "9007199254740993",
            "9007199254740994",
            "-9007199254740996",
            "1152921504606846976",
            "1152921504606847000",
            "9223372036854775807",
            "-9223372036854775808",
            "10000000000000000000",
            "18446744073709551615",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
            assert!(serde_json::to_value(&value).is_ok());
        }
        // Larger numbers are no integers in every format.
        assert_eq!(
            serde_json::to_string(&Value::Number(1e20)).unwrap(),
            "1e+20"
        );
    }
}
