//! The types of values, as the codec reports them.

use serde::Deserialize;

/// The type of a record. The codec presents it as an enum whose content is the plain form of the value.
///
/// [`Value`](crate::wire::js::Value) asks for a newtype struct named [`VALUE`](crate::wire::js::marker::VALUE). The codec
/// answers with this enum, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(variant_identifier)]
#[repr(u32)]
pub(crate) enum ValueKind {
    Undefined,
    Null,
    Bool,
    Number,
    String,
    BigInt,
    Array,
    Object,
    Map,
    Set,
    /// The content is a float of milliseconds, which is `NaN` for an invalid date.
    Date,
    RegExp,
    Error,
    BoxedBoolean,
    BoxedNumber,
    BoxedString,
    BoxedBigInt,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float16Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    ArrayBuffer,
    DataView,
    /// A whole number that no float represents.
    Integer,
}
