//! Structured-clone text: the encoding that keeps the types of JavaScript values.
//!
//! A text is a JSON array of records `[tag, payload]`. Record 0 is the value. The payload of a container lists the
//! records of its members by index, so several places may refer to one record. JavaScript's encoder writes every
//! primitive only once per text, object keys as well as string values. This encoder does the same, so equal values
//! give equal bytes.
//!
//! ```text
//! {a: 1, b: {a: "b"}}   →   [[2,[[1,2],[3,4]]],[0,"a"],[0,1],[0,"b"],[2,[[1,3]]]]
//! ```
//!
//! # Writing
//!
//! [`to_string`] and [`write()`] take any `Serialize`. Structs and maps become plain objects, `None` and `()` become
//! `null`, bytes become a `Uint8Array`, and enums have the form of `serde_json`. The types of [`js`](crate::wire::js)
//! become the values they are named after. The output differs from JavaScript's in three ways: only primitives are
//! shared; keys stay in the given order, where a JavaScript object puts array indices first; and integers beyond 2^53
//! keep all their digits.
//!
//! # Reading
//!
//! [`Document::parse`] splits a text into its records, and [`Node`]s walk them. [`Node::read`] reads any
//! `Deserialize`, which may borrow strings from the text.
//!
//! A text comes from outside, and a small one can stand for a huge value. So nesting ends at [`MAX_DEPTH`], which
//! also ends cycles, and a budget limits reading through shared records: each visit of a record costs the length of
//! its text. All visits together may cost [`STRANGER_FACTOR`] times the length of the whole text. For a trusted peer
//! the budget is [`BUDGET_FACTOR`] times that length plus [`BASE_BUDGET`]. A text without shared records costs about
//! twice its length.
//!
//! Reading is stricter than JavaScript's decoder where that decoder accepts nonsense: indices must be integers,
//! payloads must have the shape of their tag, and a typed array is never allocated by length. Unreachable records are
//! ignored. JavaScript strings may contain unpaired surrogates, which Rust's cannot: each reads as U+FFFD.

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

/// The deepest nesting of containers in a value, in both codecs, for reading and for writing: `Limits::DEPTH`. The
/// containers that a frame adds around the value do not count.
pub(crate) const MAX_DEPTH: usize = 128;

/// The factor of the text's length that may be read while its sender is not trusted.
pub(crate) const STRANGER_FACTOR: usize = 8;

/// The factor of the text's length that may be read from a trusted sender.
pub(crate) const BUDGET_FACTOR: usize = 16;

/// The number of bytes that may be read beyond that factor, so that a short text may share its records often.
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
/// [`EncodeError`] as for [`to_string`]. `out` is then unchanged.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut String, value: &T) -> Result<(), EncodeError> {
    write_levels(out, value, MAX_DEPTH)
}

/// Appends `value` to `out`, with this limit on nested containers.
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
