//! Keys of objects: strings that may stand for values of other types.

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{Error as _, IntoDeserializer, Unexpected, Visitor},
    forward_to_deserialize_any,
};

use crate::wire::structured_clone::error::DecodeError;

/// A key, parsed as the type of the map's keys: an integer, a float or a boolean.
pub(super) struct KeyDeserializer<'k, 'd>(pub(super) &'k Cow<'d, str>);

macro_rules! parsed {
    ($($deserialize:ident => $visit:ident, $expected:literal;)*) => {$(
        fn $deserialize<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(DecodeError::invalid_value(
                    Unexpected::Str(self.0),
                    &concat!("the text of ", $expected, " as a key"),
                )),
            }
        }
    )*};
}

impl<'d> Deserializer<'d> for KeyDeserializer<'_, 'd> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0 {
            Cow::Borrowed(key) => visitor.visit_borrowed_str(key),
            Cow::Owned(key) => visitor.visit_str(key),
        }
    }

    parsed! {
        deserialize_bool => visit_bool, "a boolean";
        deserialize_i8 => visit_i8, "an integer";
        deserialize_i16 => visit_i16, "an integer";
        deserialize_i32 => visit_i32, "an integer";
        deserialize_i64 => visit_i64, "an integer";
        deserialize_i128 => visit_i128, "an integer";
        deserialize_u8 => visit_u8, "an integer";
        deserialize_u16 => visit_u16, "an integer";
        deserialize_u32 => visit_u32, "an integer";
        deserialize_u64 => visit_u64, "an integer";
        deserialize_u128 => visit_u128, "an integer";
        deserialize_f32 => visit_f32, "a number";
        deserialize_f64 => visit_f64, "a number";
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'d>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'d>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum((&**self.0).into_deserializer())
    }

    forward_to_deserialize_any! {
        <V: Visitor<'d>>
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
