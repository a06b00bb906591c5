//! The content of a `Map` or a `Set`.

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeMap, SerializeSeq, SerializeTuple},
};

use crate::wire::refuse::refuse;
use crate::wire::structured_clone::encode::container::ContainerSerializer;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::{RecordWriter, Tag};

/// A serializer that writes the content of a marker type as a container with this tag.
///
/// A `Set` comes as a sequence. A `Map` comes as a map, or as a sequence of pairs if its keys are not all strings.
pub(super) struct TaggedSerializer<'a> {
    pub(super) records: &'a mut RecordWriter,
    pub(super) tag: Tag,
}

impl<'a> Serializer for TaggedSerializer<'a> {
    type Ok = usize;
    type Error = EncodeError;
    type SerializeSeq = SetSerializer<'a>;
    type SerializeMap = MapSerializer<'a>;

    refuse! {
        @types SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, SerializeStruct,
        SerializeStructVariant
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<SetSerializer<'a>, EncodeError> {
        let container = ContainerSerializer::open(self.records, self.tag)?;
        Ok(SetSerializer {
            container,
            pairs: self.tag == Tag::Map,
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<MapSerializer<'a>, EncodeError> {
        if self.tag != Tag::Map {
            return Err(EncodeError::Marker);
        }
        ContainerSerializer::open(self.records, Tag::Map).map(MapSerializer)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, EncodeError> {
        Err(EncodeError::Marker)
    }

    refuse! { EncodeError::Marker => scalars, number_like, str, bytes, option, unit, newtype, variants, structs }
}

/// The members of a `Set`, or the pairs of a `Map`.
pub(super) struct SetSerializer<'a> {
    container: ContainerSerializer<'a>,
    pairs: bool,
}

impl SerializeSeq for SetSerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        if self.pairs {
            value.serialize(Pair {
                container: &mut self.container,
                members: 0,
            })
        } else {
            self.container.push(value)
        }
    }

    fn end(self) -> Result<usize, EncodeError> {
        Ok(self.container.close())
    }
}

/// The entries of a `Map`, whose keys are values of any type.
pub(super) struct MapSerializer<'a>(ContainerSerializer<'a>);

impl SerializeMap for MapSerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.0.push(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.0.push(value)
    }

    fn end(self) -> Result<usize, EncodeError> {
        Ok(self.0.close())
    }
}

/// A serializer for a key and its value, which come as a tuple.
struct Pair<'c, 'a> {
    container: &'c mut ContainerSerializer<'a>,
    members: usize,
}

impl Serializer for Pair<'_, '_> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeTuple = Self;

    refuse! {
        @types SerializeSeq, SerializeTupleStruct, SerializeTupleVariant, SerializeMap,
        SerializeStruct, SerializeStructVariant
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, EncodeError> {
        Ok(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, EncodeError> {
        Err(EncodeError::Marker)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, EncodeError> {
        Err(EncodeError::Marker)
    }

    refuse! { EncodeError::Marker => scalars, number_like, str, bytes, option, unit, newtype, variants, structs }
}

impl SerializeTuple for Pair<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.members += 1;
        self.container.push(value)
    }

    fn end(self) -> Result<(), EncodeError> {
        if self.members == 2 {
            Ok(())
        } else {
            Err(EncodeError::Marker)
        }
    }
}
