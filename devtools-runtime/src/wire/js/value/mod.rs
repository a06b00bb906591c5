//! A JavaScript value of any type.

mod convert;
mod deserialize;
mod kind;
mod serialize;

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
    /// A number. JavaScript has no other kind, so integers beyond 2^53 are rounded.
    Number(f64),
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

    /// The number a number is.
    pub const fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
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
