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
mod limits;
mod names;
mod node;
mod owned_node;
mod payload;
mod records;
mod references;
mod scan;
mod split;
#[cfg(test)]
pub(crate) mod tests;
mod to_json;
mod typed_array;
mod walk;
mod write;

#[cfg(feature = "_fuzz")]
pub(crate) use self::limits::{BASE_BUDGET, BUDGET_FACTOR};
#[cfg(test)]
pub(crate) use self::write::to_string;
pub(crate) use self::{
    document::Document,
    error::{DecodeError, EncodeError},
    limits::MAX_DEPTH,
    node::Node,
    owned_node::OwnedNode,
    scan::unescape,
    write::{write, write_levels},
};
