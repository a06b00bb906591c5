//! The types a value can have, as the codec names them to a reader that wants to know.

use serde::Deserialize;

/// What a record holds, as the variants of an enum whose content is the value in its plain form.
///
/// [`Value`](super::Value) asks for a newtype struct named [`VALUE`](crate::wire::js::marker::VALUE), and the
/// codec answers with this enum, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(variant_identifier)]
#[repr(u32)]
pub(crate) enum Kind {
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
    /// The content is the milliseconds as a float, `NaN` for an invalid date.
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
    /// A whole number whose digits no float has.
    Integer,
}
