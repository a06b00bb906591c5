//! Structured-clone text: the encoding in which JavaScript values keep their types.
//!
//! A text is a JSON array of records `[tag, payload]`. Record 0 is the value; a container's payload lists the
//! records of its members by index, so a record may be referred to many times. JavaScript's encoder uses that
//! to write every primitive once per text, object keys and string values alike, and so does this one: the same
//! value gives the same bytes.
//!
//! ```text
//! {a: 1, b: {a: "b"}}   →   [[2,[[1,2],[3,4]]],[0,"a"],[0,1],[0,"b"],[2,[[1,3]]]]
//! ```
//!
//! # Writing
//!
//! [`to_string`] and [`write()`] take any `Serialize`. Structs and maps become plain objects, `None` and `()`
//! become `null`, bytes become a `Uint8Array`, enums look as in `serde_json`; the types of
//! [`js`](crate::wire::js) become what they are named after. Three things differ from what JavaScript would
//! write, because Rust has no such values or has more: nothing but primitives is shared; keys stay in the order
//! given, where a JavaScript object has its array indices first; and integers beyond 2^53 keep all their digits.
//!
//! # Reading
//!
//! [`Document::parse`] splits a text into its records, and [`Node`]s walk it. [`Node::read`] gives any
//! `Deserialize`, which may borrow its strings from the text.
//!
//! A text comes from outside, and a small one can stand for a huge value. So nesting ends at [`MAX_DEPTH`],
//! which also ends cycles, and a budget limits how much may be read through shared records: each visit of a
//! record costs the length of its text. All visits together may cost [`STRANGER_FACTOR`] times the length of the
//! whole text, and [`BUDGET_FACTOR`] times that length plus [`BASE_BUDGET`] once it is known that the text comes from
//! a peer that is trusted. A text without shared records costs about twice its length.
//!
//! Reading is stricter than JavaScript's decoder where that one stumbles into a meaning: indices are integers,
//! payloads have the shape their tag demands, a typed array is never allocated by length. Unreachable records
//! are not looked at. JavaScript strings may hold halves of surrogate pairs, which Rust's cannot: each reads as
//! U+FFFD.

mod decode;
mod document;
mod encode;
mod error;
mod form;
mod node;
mod payload;
mod records;
mod references;
mod scan;
#[cfg(test)]
pub(crate) mod tests;

use serde::Serialize;

pub(crate) use self::{
    document::Document,
    error::{DecodeError, EncodeError},
    node::{Node, OwnedNode},
    scan::unescape,
};

/// How many containers may be nested in each other in a value of either codec, in what is read and in what is written:
/// `Limits::DEPTH`. What a frame puts around the value is not counted.
pub(crate) const MAX_DEPTH: usize = 128;

/// How many times its own length may be read from a text whose sender is not trusted, or not known yet.
pub(crate) const STRANGER_FACTOR: usize = 8;

/// How many times its own length may be read from a text of a trusted sender.
pub(crate) const BUDGET_FACTOR: usize = 16;

/// How many bytes of records may be visited beyond that, so that a short text may share its records often.
pub(crate) const BASE_BUDGET: usize = 1024 * 1024;

/// Writes `value` as structured-clone text.
///
/// # Errors
///
/// [`EncodeError`] if the value holds something that has no form in JavaScript, or is nested too deep.
#[cfg(test)]
pub(crate) fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    let mut text = String::new();
    write(&mut text, value)?;
    Ok(text)
}

/// Appends `value` to `out` as structured-clone text.
///
/// # Errors
///
/// [`EncodeError`] as for [`to_string`]; `out` is then as it was.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut String, value: &T) -> Result<(), EncodeError> {
    write_levels(out, value, MAX_DEPTH)
}

/// Appends `value`, in which so many containers may be nested in each other, to `out`.
///
/// # Errors
///
/// Those of [`write()`].
pub(crate) fn write_levels<T: Serialize + ?Sized>(
    out: &mut String,
    value: &T,
    levels: usize,
) -> Result<(), EncodeError> {
    let mut records = records::Records::new(levels);
    value.serialize(&mut records)?;
    records.write(out);
    Ok(())
}
