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

mod big_int;
mod bytes;
mod collections;
mod date;
mod error;
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
pub(crate) use self::{collections::keep_last, typed_array::TypedArrayKind};
