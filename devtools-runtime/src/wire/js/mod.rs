//! JavaScript values that serde's data model has no word for.
//!
//! serde knows structs, sequences and numbers; JavaScript also has `undefined`, `Map`, `Set`, `Date`, `BigInt`,
//! `RegExp`, `Error` and typed arrays, and a panel tells them apart. The types here stand for those. Each can be
//! a field or an argument like any other type: written as structured-clone text it arrives as the JavaScript
//! value it names, and in plain JSON it becomes the closest thing JSON has.
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
//! | [`Value`] | whatever it holds | whatever that becomes |
//!
//! All of them read back from either form. Reading is otherwise lenient where nothing is lost by it: a
//! `HashMap<String, _>` reads a JavaScript `Map`, a `String` reads a `Date`, an `i64` reads a `BigInt`, so these
//! types are needed only where the *written* form matters, or where a value may be of any type ([`Value`]).
//!
//! # Numbers
//!
//! Rust's integers are written with all their digits in either codec, and read back exactly by Rust: as the integer type, as
//! [`Value::Integer`], and up to 64 bits as a `serde_json::Value`. JavaScript has floats alone and reads the nearest one
//! beyond 2^53; [`BigInt`] keeps the digits there.
//!
//! `NaN` and the infinities are written as `null` in either codec, because neither JSON nor JavaScript's encoder has a
//! form for them. JavaScript sees `null`. Where a result, a chunk or a state is an `f64` or an `f32`, a Rust reader gets
//! `NaN` for it. A parameter of these types refuses `null`: `Option<f64>` takes it.

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
