//! Conversions from Rust types to values.

use crate::wire::js::big_int::BigInt;
use crate::wire::js::collections::{Map, Set};
use crate::wire::js::date::Date;
use crate::wire::js::error::Error;
use crate::wire::js::reg_exp::RegExp;
use crate::wire::js::typed_array::TypedArray;
use crate::wire::js::undefined::Undefined;
use crate::wire::js::value::variants::{Boxed, Value};

macro_rules! from {
    ($($type:ty => |$value:ident| $into:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $into
            }
        }
    )*};
}

from! {
    Undefined => |_undefined| Self::Undefined;
    () => |_unit| Self::Null;
    bool => |value| Self::Bool(value);
    i32 => |value| Self::Number(value.into());
    u32 => |value| Self::Number(value.into());
    i64 => |value| of_integer(value.into());
    u64 => |value| of_integer(value.into());
    f64 => |value| Self::Number(value);
    &str => |value| Self::String(value.to_owned());
    String => |value| Self::String(value);
    BigInt => |value| Self::BigInt(value);
    Vec<Value> => |value| Self::Array(value);
    Map<Value, Value> => |value| Self::Map(value);
    Set<Value> => |value| Self::Set(value);
    Date => |value| Self::Date(Some(value));
    RegExp => |value| Self::RegExp(Box::new(value));
    Error => |value| Self::Error(Box::new(value));
    Boxed => |value| Self::Boxed(value);
    TypedArray => |value| Self::TypedArray(value);
}

/// Converts a whole number. The result is a float if that prints the same digits.
pub(super) fn of_integer(integer: i128) -> Value {
    const SAFE: std::ops::RangeInclusive<i128> = -9_007_199_254_740_992..=9_007_199_254_740_992;
    #[expect(clippy::cast_precision_loss, reason = "the digits are compared below")]
    let number = integer as f64;
    if SAFE.contains(&integer)
        || ryu_js::Buffer::new().format(number) == integer.to_string().as_str()
    {
        return Value::Number(number);
    }
    Value::Integer(integer)
}

/// Converts the text of a number.
pub(super) fn of_text(text: &str) -> Value {
    match text.parse() {
        Ok(integer) => of_integer(integer),
        Err(_) => Value::Number(text.parse().unwrap_or(f64::NAN)),
    }
}

/// Parses a whole number whose digits no float prints. Returns `None` for other numbers.
///
/// JavaScript prints 2^60 as `1152921504606847000`, so integers that come from a float have such rounded digits.
pub(crate) fn integer_beyond_floats(text: &str) -> Option<i128> {
    const SHORTEST: usize = 16;
    let is_integer = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    if text.len() < SHORTEST || !is_integer(text) {
        return None;
    }
    match of_integer(text.parse().ok()?) {
        Value::Integer(integer) => Some(integer),
        _ => None,
    }
}
