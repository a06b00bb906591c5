//! Values from Rust's own.

use super::{
    super::{BigInt, Date, Error, Map, RegExp, Set, TypedArray, Undefined},
    Boxed, Value,
};

macro_rules! from {
    ($($type:ty => |$value:ident| $into:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $into
            }
        }
    )*};
}

from! {
    Undefined => |_undefined| Self::Undefined;
    () => |_unit| Self::Null;
    bool => |value| Self::Bool(value);
    i32 => |value| Self::Number(value.into());
    u32 => |value| Self::Number(value.into());
    f64 => |value| Self::Number(value);
    &str => |value| Self::String(value.to_owned());
    String => |value| Self::String(value);
    BigInt => |value| Self::BigInt(value);
    Vec<Value> => |value| Self::Array(value);
    Map<Value, Value> => |value| Self::Map(value);
    Set<Value> => |value| Self::Set(value);
    Date => |value| Self::Date(Some(value));
    RegExp => |value| Self::RegExp(Box::new(value));
    Error => |value| Self::Error(Box::new(value));
    Boxed => |value| Self::Boxed(value);
    TypedArray => |value| Self::TypedArray(value);
}
