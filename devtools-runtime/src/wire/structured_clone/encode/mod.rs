//! Serializes any type to records.

mod container;
mod entries;
mod key;
mod leaf;
mod raw;

use serde::{Serialize, Serializer};

use self::{
    container::ContainerSerializer, entries::TaggedSerializer, leaf::Leaf, raw::FieldSerializer,
};
use crate::wire::js::marker;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::{RecordWriter, Tag, Unique};

macro_rules! integers {
    ($($method:ident($type:ty)),*) => {$(
        fn $method(self, value: $type) -> Result<usize, EncodeError> {
            leaf::primitive(self, "[0,", &value)
        }
    )*};
}

/// Serializing returns the index of the value's record.
impl<'a> Serializer for &'a mut RecordWriter {
    type Ok = usize;
    type Error = EncodeError;
    type SerializeSeq = ContainerSerializer<'a>;
    type SerializeTuple = ContainerSerializer<'a>;
    type SerializeTupleStruct = ContainerSerializer<'a>;
    type SerializeTupleVariant = ContainerSerializer<'a>;
    type SerializeMap = ContainerSerializer<'a>;
    type SerializeStruct = FieldSerializer<'a>;
    type SerializeStructVariant = ContainerSerializer<'a>;

    fn serialize_bool(self, value: bool) -> Result<usize, EncodeError> {
        Ok(self.unique(if value { Unique::True } else { Unique::False }))
    }

    integers! {
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64), serialize_i128(i128),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_u128(u128)
    }

    fn serialize_f32(self, value: f32) -> Result<usize, EncodeError> {
        if value.is_finite() {
            return leaf::primitive(self, "[0,", &value);
        }
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<usize, EncodeError> {
        if value.is_finite() {
            return leaf::primitive(self, "[0,", &value);
        }
        Ok(self.unique(if value.is_nan() {
            Unique::NaN
        } else if value > 0.0 {
            Unique::Infinity
        } else {
            Unique::NegativeInfinity
        }))
    }

    fn serialize_char(self, value: char) -> Result<usize, EncodeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<usize, EncodeError> {
        Ok(self.string(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<usize, EncodeError> {
        leaf::object(self, "[\"Uint8Array\",", value)
    }

    fn serialize_none(self) -> Result<usize, EncodeError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<usize, EncodeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<usize, EncodeError> {
        Ok(self.unique(Unique::Null))
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<usize, EncodeError> {
        Ok(self.unique(if name == marker::UNDEFINED {
            Unique::Undefined
        } else {
            Unique::Null
        }))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<usize, EncodeError> {
        Ok(self.name(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<usize, EncodeError> {
        if !name.starts_with(marker::PREFIX) {
            return value.serialize(self);
        }
        match name {
            marker::MAP => value.serialize(TaggedSerializer {
                records: self,
                tag: Tag::Map,
            }),
            marker::SET => value.serialize(TaggedSerializer {
                records: self,
                tag: Tag::Set,
            }),
            marker::INVALID_DATE => Err(EncodeError::InvalidDate),
            _ => match Leaf::of_marker(name) {
                Some(leaf) => leaf.write(self, value),
                None => value.serialize(self),
            },
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<usize, EncodeError> {
        let object = self.open(Tag::Object)?;
        let key = self.name(variant);
        self.push_member(key);
        let value = value.serialize(&mut *self)?;
        self.push_member(value);
        Ok(self.close(object))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open(self, Tag::Array)
    }

    fn serialize_tuple(self, _: usize) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open(self, Tag::Array)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open(self, Tag::Array)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open_variant(self, variant, Tag::Array)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open(self, Tag::Object)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<FieldSerializer<'a>, EncodeError> {
        FieldSerializer::open(self, name)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<ContainerSerializer<'a>, EncodeError> {
        ContainerSerializer::open_variant(self, variant, Tag::Object)
    }
}
