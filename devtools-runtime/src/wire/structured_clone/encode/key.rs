//! Keys of objects, which are strings.

use serde::{Serialize, Serializer, ser::Impossible};

use crate::wire::refuse::refuse;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::RecordWriter;

/// A serializer for keys: writes them as strings, as JavaScript converts them.
pub(super) struct KeySerializer<'a>(pub(super) &'a mut RecordWriter);

macro_rules! as_text {
    ($($method:ident($type:ty))*) => {$(
        fn $method(self, value: $type) -> Result<usize, EncodeError> {
            self.serialize_str(&value.to_string())
        }
    )*};
}

impl Serializer for KeySerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;
    refuse! {
        @types SerializeSeq, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, SerializeMap,
        SerializeStruct, SerializeStructVariant
    }

    as_text! {
        serialize_bool(bool)
        serialize_char(char)
        serialize_i8(i8)
        serialize_i16(i16)
        serialize_i32(i32)
        serialize_i64(i64)
        serialize_i128(i128)
        serialize_u8(u8)
        serialize_u16(u16)
        serialize_u32(u32)
        serialize_u64(u64)
        serialize_u128(u128)
    }

    fn serialize_f32(self, value: f32) -> Result<usize, EncodeError> {
        self.serialize_str(ryu_js::Buffer::new().format(value))
    }

    fn serialize_f64(self, value: f64) -> Result<usize, EncodeError> {
        self.serialize_str(ryu_js::Buffer::new().format(value))
    }

    fn serialize_str(self, value: &str) -> Result<usize, EncodeError> {
        self.0.serialize_str(value)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<usize, EncodeError> {
        self.serialize_str(variant)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<usize, EncodeError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<usize, EncodeError> {
        value.serialize(self)
    }

    refuse! { EncodeError::Key => bytes, unit, variants, containers }
}
