//! JavaScript's `Map` and `Set`.

mod keep_last;
mod map;
mod set;
mod string_keys;

pub(crate) use self::keep_last::keep_last;
pub use self::{map::Map, set::Set};
