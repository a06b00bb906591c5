//! A JavaScript value of any type.

mod convert;
mod deserialize;
mod kind;
mod serialize;
mod variants;

pub(crate) use self::convert::integer_beyond_floats;
pub(crate) use self::kind::ValueKind;
pub use self::variants::{Boxed, Value};
