//! Structs, and the one of them that is JSON text.

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeStruct},
};

use super::{
    super::{
        EncodeError,
        records::{Records, Tag},
    },
    container::Container,
    refuse::refuse,
};

/// The name under which `serde_json::value::RawValue` serializes itself, and that of its only field.
pub(in super::super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The fields of a struct on their way.
pub(in super::super) enum Fields<'a> {
    /// They become the properties of an object.
    Object(Container<'a>),
    /// The only field is JSON text, which a record may hold as it is: this one, once it is written.
    Raw(&'a mut Records, Option<usize>),
}

impl<'a> Fields<'a> {
    pub(super) fn open(records: &'a mut Records, name: &'static str) -> Result<Self, EncodeError> {
        if name == RAW_VALUE {
            return Ok(Self::Raw(records, None));
        }
        Container::open(records, Tag::Object).map(Self::Object)
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        match self {
            Self::Object(object) => {
                object.push(key)?;
                object.push(value)
            }
            Self::Raw(records, written) => {
                *written = Some(value.serialize(RawText(records))?);
                Ok(())
            }
        }
    }

    fn end(self) -> Result<usize, EncodeError> {
        match self {
            Self::Object(object) => Ok(object.close()),
            Self::Raw(_, written) => written.ok_or(EncodeError::Marker),
        }
    }
}

/// Takes a string as JSON text.
struct RawText<'a>(&'a mut Records);

impl Serializer for RawText<'_> {
    type Ok = usize;
    type Error = EncodeError;
    type SerializeSeq = Impossible<usize, EncodeError>;
    type SerializeTuple = Impossible<usize, EncodeError>;
    type SerializeTupleStruct = Impossible<usize, EncodeError>;
    type SerializeTupleVariant = Impossible<usize, EncodeError>;
    type SerializeMap = Impossible<usize, EncodeError>;
    type SerializeStruct = Impossible<usize, EncodeError>;
    type SerializeStructVariant = Impossible<usize, EncodeError>;

    fn serialize_str(self, text: &str) -> Result<usize, EncodeError> {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        };
        // Shared, an object would have an identity it did not have before.
        if text.starts_with(['{', '[']) {
            self.0.object("0", write)
        } else {
            self.0.primitive("0", write)
        }
    }

    refuse! { EncodeError::Marker => scalars, number_like, option, unit, bytes, newtype, variants, containers }
}
