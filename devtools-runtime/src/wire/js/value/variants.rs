//! The enums of values.

use crate::wire::js::big_int::BigInt;
use crate::wire::js::collections::{Map, Set};
use crate::wire::js::date::Date;
use crate::wire::js::error::Error;
use crate::wire::js::reg_exp::RegExp;
use crate::wire::js::typed_array::TypedArray;

/// Any value that structured clone can carry, with its JavaScript type.
///
/// A `Value` is written as the type that it was read as. Two things are lost: identity (a value that is referred to
/// twice becomes two equal values, and a value that contains itself cannot be read), and numbers that JSON cannot
/// express (`NaN`, the infinities and the sign of zero).
///
/// In plain JSON, it reads and writes the types of JSON: `Null`, `Bool`, `Number`, `String`, `Array` and `Object`.
/// The others are written as the module's table shows. A JSON text reads back unchanged.
///
/// ```
/// use devtools_runtime::js::Value;
///
/// let module = Value::Object(vec![("size".to_owned(), Value::Number(3.0))]);
/// assert_eq!(module.get("size").and_then(Value::as_integer), Some(3));
/// assert_eq!(module.get("name"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `undefined`
    #[default]
    Undefined,
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    ///
    /// `NaN` and the infinities are written as `null`, in either codec.
    Number(f64),
    /// A whole number that no float represents, such as `9007199254740993` from another Rust program. JavaScript
    /// reads the nearest float; use [`BigInt`](Self::BigInt) to send all digits.
    Integer(i128),
    /// A string.
    String(String),
    /// A `BigInt`.
    BigInt(BigInt),
    /// An array.
    Array(Vec<Value>),
    /// A plain object: its properties in order, each key once.
    Object(Vec<(String, Value)>),
    /// A `Map`.
    Map(Map<Value, Value>),
    /// A `Set`.
    Set(Set<Value>),
    /// A `Date`. `None` is an invalid date, which can be read but not written.
    Date(Option<Date>),
    /// A `RegExp`.
    RegExp(Box<RegExp>),
    /// An `Error`.
    Error(Box<Error>),
    /// A primitive in a wrapper object, such as `new String("")`.
    Boxed(Boxed),
    /// A typed array.
    TypedArray(TypedArray),
    /// An `ArrayBuffer`.
    ArrayBuffer(Vec<u8>),
    /// A `DataView`, with the whole buffer behind it.
    DataView(Vec<u8>),
}

/// A JavaScript primitive in a wrapper object.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Boxed {
    /// `new Boolean(…)`
    Boolean(bool),
    /// `new Number(…)`
    Number(f64),
    /// `new String(…)`
    String(String),
    /// `Object(1n)`
    BigInt(BigInt),
}

impl Value {
    /// Returns the text of a string. `None` for other types.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a number as JavaScript reads it, which is the nearest float for an [`Integer`](Self::Integer). `None`
    /// for other types.
    #[expect(
        clippy::cast_precision_loss,
        reason = "JavaScript's numbers are floats"
    )]
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }

    /// Returns a whole number with all its digits. `None` for a fraction and for other types.
    pub fn as_integer(&self) -> Option<i128> {
        const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2^127
        match self {
            Self::Integer(number) => Some(*number),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "integral and below the limit"
            )]
            Self::Number(number) if number.fract() == 0.0 && number.abs() < LIMIT => {
                Some(*number as i128)
            }
            _ => None,
        }
    }

    /// Returns the members of an array. `None` for other types.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(members) => Some(members),
            _ => None,
        }
    }

    /// Returns a property of an object. Compares the keys one by one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Object(properties) => properties
                .iter()
                .find(|(other, _)| other == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}
