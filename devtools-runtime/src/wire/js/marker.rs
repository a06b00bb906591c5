//! The names by which the structured-clone codec recognizes the marker types.
//!
//! A marker type serializes as a newtype struct with one of these names. The codec gives the name its meaning; any
//! other format ignores it and sees the content, which is the plain form of the value. The name of a Rust type cannot
//! contain `$`, so no other type is recognized by accident.
//!
//! If a JavaScript class has a tag of its own, the name after [`PREFIX`] is that tag.

/// The prefix of all names here.
pub(crate) const PREFIX: &str = "$js::";

/// A unit struct that is `undefined`.
pub(crate) const UNDEFINED: &str = "$js::Undefined";
/// A map, or a sequence of pairs, that is a `Map`.
pub(crate) const MAP: &str = "$js::Map";
/// A sequence that is a `Set`.
pub(crate) const SET: &str = "$js::Set";
/// A string in ISO form that is a `Date`.
pub(crate) const DATE: &str = "$js::Date";
/// A unit that is an invalid `Date`, which cannot be written.
pub(crate) const INVALID_DATE: &str = "$js::InvalidDate";
/// A struct of two strings that is a `RegExp`.
pub(crate) const REG_EXP: &str = "$js::RegExp";
/// A struct of two strings that is an `Error`.
pub(crate) const ERROR: &str = "$js::Error";
/// A string of digits that is a `BigInt`.
pub(crate) const BIG_INT: &str = "$js::BigInt primitive";
/// Only for reading: asks for the value as an enum of `value::Kind`, with its type.
pub(crate) const VALUE: &str = "$js::Value";

/// A boolean that is a `new Boolean(…)`.
pub(crate) const BOXED_BOOLEAN: &str = "$js::Boolean";
/// A number that is a `new Number(…)`.
pub(crate) const BOXED_NUMBER: &str = "$js::Number";
/// A string that is a `new String(…)`.
pub(crate) const BOXED_STRING: &str = "$js::String";
/// A string of digits that is an `Object(1n)`.
pub(crate) const BOXED_BIG_INT: &str = "$js::BigInt";
/// Bytes that are an `ArrayBuffer`.
pub(crate) const ARRAY_BUFFER: &str = "$js::ArrayBuffer";
/// Bytes that are a `DataView`.
pub(crate) const DATA_VIEW: &str = "$js::DataView";
