//! A JavaScript value of any type.

mod convert;
mod deserialize;
mod kind;
mod serialize;

pub(crate) use self::convert::integer_beyond_floats;
pub(crate) use self::kind::Kind;
use super::{BigInt, Date, Error, Map, RegExp, Set, TypedArray};

/// Any value that structured clone carries, with its JavaScript type.
///
/// What is read into a `Value` is written as the same type again. Two things do not survive: identity (a value
/// referred to twice is two equal values here, and a value that contains itself cannot be read) and what JSON
/// text cannot say (`NaN`, the infinities and the sign of zero).
///
/// In plain JSON it reads and writes the JSON subset: `Null`, `Bool`, `Number`, `String`, `Array` and `Object`;
/// the others are written as the module's table says. A text made of these types alone reads back as it was.
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
    /// A whole number with digits that no float has, such as `9007199254740993` from another Rust program. JavaScript
    /// reads the nearest number; [`BigInt`](Self::BigInt) is what arrives there with all its digits.
    Integer(i128),
    /// A string.
    String(String),
    /// A `BigInt`.
    BigInt(BigInt),
    /// An array.
    Array(Vec<Value>),
    /// A plain object: its properties in order, no key twice.
    Object(Vec<(String, Value)>),
    /// A `Map`.
    Map(Map<Value, Value>),
    /// A `Set`.
    Set(Set<Value>),
    /// A `Date`; `None` is an invalid one, which can be read but not written.
    Date(Option<Date>),
    /// A `RegExp`.
    RegExp(Box<RegExp>),
    /// An `Error`.
    Error(Box<Error>),
    /// A primitive in an object, such as `new String("")`.
    Boxed(Boxed),
    /// A typed array.
    TypedArray(TypedArray),
    /// An `ArrayBuffer`.
    ArrayBuffer(Vec<u8>),
    /// A `DataView`, as the whole buffer it looks into.
    DataView(Vec<u8>),
}

/// A JavaScript primitive in an object of its own.
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
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number that JavaScript has for it, which is the nearest one for an [`Integer`](Self::Integer).
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

    /// Returns the whole number with all its digits. `None` for a fraction, and for what is no number.
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

    /// The members of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(members) => Some(members),
            _ => None,
        }
    }

    /// The property of an object, found by comparing the keys one by one.
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
