//! Sequences and maps: records that refer to other records.

use serde::{
    Serialize,
    ser::{
        SerializeMap, SerializeSeq, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
        SerializeTupleVariant,
    },
};

use crate::wire::structured_clone::encode::key::KeySerializer;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::{OpenContainer, RecordWriter, Tag};

/// A container that is being written, with the object around it if it is the content of a variant.
pub(in super::super) struct ContainerSerializer<'a> {
    records: &'a mut RecordWriter,
    open: OpenContainer,
    around: Option<OpenContainer>,
}

impl<'a> ContainerSerializer<'a> {
    pub(super) fn open(records: &'a mut RecordWriter, tag: Tag) -> Result<Self, EncodeError> {
        Ok(Self {
            open: records.open(tag)?,
            records,
            around: None,
        })
    }

    /// Opens a container that is the only property of an object.
    pub(super) fn open_variant(
        records: &'a mut RecordWriter,
        variant: &'static str,
        tag: Tag,
    ) -> Result<Self, EncodeError> {
        let around = records.open(Tag::Object)?;
        let key = records.name(variant);
        records.push_member(key);
        Ok(Self {
            open: records.open(tag)?,
            records,
            around: Some(around),
        })
    }

    pub(super) fn push<T: Serialize + ?Sized>(&mut self, member: &T) -> Result<(), EncodeError> {
        let index = member.serialize(&mut *self.records)?;
        self.records.push_member(index);
        Ok(())
    }

    /// Adds the name of a field.
    pub(super) fn push_name(&mut self, name: &'static str) {
        let index = self.records.name(name);
        self.records.push_member(index);
    }

    pub(super) fn close(self) -> usize {
        let index = self.records.close(self.open);
        match self.around {
            Some(around) => {
                self.records.push_member(index);
                self.records.close(around)
            }
            None => index,
        }
    }
}

/// Implements the traits for the members of a container without keys.
macro_rules! members {
    ($($trait:ident::$method:ident),*) => {$(
        impl $trait for ContainerSerializer<'_> {
            type Ok = usize;
            type Error = EncodeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
                self.push(value)
            }

            fn end(self) -> Result<usize, EncodeError> {
                Ok(self.close())
            }
        }
    )*};
}

members! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field
}

impl SerializeMap for ContainerSerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        let index = key.serialize(KeySerializer(self.records))?;
        self.records.push_member(index);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.push(value)
    }

    fn end(self) -> Result<usize, EncodeError> {
        Ok(self.close())
    }
}

impl SerializeStructVariant for ContainerSerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.push_name(key);
        self.push(value)
    }

    fn end(self) -> Result<usize, EncodeError> {
        Ok(self.close())
    }
}
