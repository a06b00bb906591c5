//! Types for JavaScript values that serde's data model does not have.
//!
//! serde has structs, sequences and numbers. JavaScript also has `undefined`, `Map`, `Set`, `Date`, `BigInt`,
//! `RegExp`, `Error` and typed arrays, and panels distinguish them. Use the types of this module as fields or
//! arguments like any other type. In structured clone, each is the JavaScript value that it is named after. In plain
//! JSON, it is the closest value that JSON has.
//!
//! | type | structured clone | plain JSON |
//! |---|---|---|
//! | [`Undefined`] | `undefined` | `null` |
//! | [`Map`] | `Map` | an object if every key is a string, else an array of pairs |
//! | [`Set`] | `Set` | an array |
//! | [`Date`] | `Date` | an ISO 8601 string |
//! | [`BigInt`] | `BigInt` | a decimal string |
//! | [`Bytes`] | `Uint8Array` | an array of numbers |
//! | [`TypedArray`] | the typed array | an array of numbers (of decimal strings for 64-bit integers) |
//! | [`RegExp`] | `RegExp` | an object with `source` and `flags` |
//! | [`Error`] | `Error` | an object with `name` and `message` |
//! | [`Value`] | the value that it holds | the JSON form of that value |
//!
//! Each type can be read from both forms. Reading is lenient where nothing is lost: a `HashMap<String, _>` reads a
//! JavaScript `Map`, a `String` reads a `Date`, and an `i64` reads a `BigInt`. So you need these types only if the
//! *written* form matters, or if a value may be of any type ([`Value`]).
//!
//! # Numbers
//!
//! Rust's integers are written with all their digits in both codecs. Rust reads them back exactly: as the integer
//! type, as [`Value::Integer`], and up to 64 bits as a `serde_json::Value`. JavaScript has only floats and reads the
//! nearest one beyond 2^53. Use [`BigInt`] to keep the digits there.
//!
//! `NaN` and the infinities are written as `null` in both codecs, because JSON and JavaScript's encoder have no form
//! for them. JavaScript sees `null`. If a result, a chunk or a state is an `f64` or an `f32`, a Rust reader gets
//! `NaN`. A parameter of these types refuses `null`; use `Option<f64>` to accept it.

mod big_int;
mod bytes;
mod collections;
mod date;
mod error;
mod json_number;
pub(crate) mod marker;
mod reg_exp;
#[cfg(feature = "typescript")]
pub(crate) mod schema;
mod typed_array;
mod undefined;
pub(crate) mod value;

pub use self::{
    big_int::{BigInt, ParseBigIntError},
    bytes::Bytes,
    collections::{Map, Set},
    date::{Date, ParseDateError},
    error::Error,
    reg_exp::RegExp,
    typed_array::TypedArray,
    undefined::Undefined,
    value::{Boxed, Value},
};
pub(crate) use self::{
    collections::keep_last, typed_array::TypedArrayKind, value::integer_beyond_floats,
};
