//! The names by which the marker types and the structured-clone codec recognise each other.
//!
//! A marker type serializes itself as a newtype struct of one of these names. The codec gives the name its
//! meaning; any other format ignores it and sees the content, which is the value's plain form. No Rust type can
//! have a name with a `$` in it, so nothing is recognised by accident.
//!
//! Where a JavaScript class tags its own record, the name after [`PREFIX`] is that tag.

/// What every name here starts with.
pub(crate) const PREFIX: &str = "$js::";

/// A unit struct: `undefined`.
pub(crate) const UNDEFINED: &str = "$js::Undefined";
/// A map, or a sequence of pairs: `Map`.
pub(crate) const MAP: &str = "$js::Map";
/// A sequence: `Set`.
pub(crate) const SET: &str = "$js::Set";
/// A string: the ISO form of a `Date`.
pub(crate) const DATE: &str = "$js::Date";
/// A unit: a `Date` without a time, which has no written form.
pub(crate) const INVALID_DATE: &str = "$js::InvalidDate";
/// A struct of two strings: `RegExp`.
pub(crate) const REG_EXP: &str = "$js::RegExp";
/// A struct of two strings: `Error`.
pub(crate) const ERROR: &str = "$js::Error";
/// A string: the digits of a `BigInt`.
pub(crate) const BIG_INT: &str = "$js::BigInt primitive";
/// On reading only: the value is to arrive as an enum of `value::Kind`, type included.
pub(crate) const VALUE: &str = "$js::Value";

/// A boolean: `new Boolean(…)`.
pub(crate) const BOXED_BOOLEAN: &str = "$js::Boolean";
/// A number: `new Number(…)`.
pub(crate) const BOXED_NUMBER: &str = "$js::Number";
/// A string: `new String(…)`.
pub(crate) const BOXED_STRING: &str = "$js::String";
/// A string of digits: `Object(1n)`.
pub(crate) const BOXED_BIG_INT: &str = "$js::BigInt";
/// Bytes: `ArrayBuffer`.
pub(crate) const ARRAY_BUFFER: &str = "$js::ArrayBuffer";
/// Bytes: `DataView`.
pub(crate) const DATA_VIEW: &str = "$js::DataView";
