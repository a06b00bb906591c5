//! Serializers for structs, with the special cases of raw JSON text and numbers.

use std::borrow::Cow;

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeStruct},
};

use crate::wire::refuse::refuse;
use crate::wire::reserved::{NUMBER, RAW_VALUE};
use crate::wire::structured_clone::encode::container::ContainerSerializer;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::{RecordWriter, Tag};

/// The serializer for the fields of a struct.
pub(in super::super) enum FieldSerializer<'a> {
    /// The fields become the properties of an object.
    Object(ContainerSerializer<'a>),
    /// The only field is JSON text, which a record can contain unchanged. Holds the index of the record once it is
    /// written.
    Raw(&'a mut RecordWriter, Option<usize>),
    /// The only field is the text of a number. Holds the index of the record once it is written.
    Number(&'a mut RecordWriter, Option<usize>),
}

impl<'a> FieldSerializer<'a> {
    pub(super) fn open(
        records: &'a mut RecordWriter,
        name: &'static str,
    ) -> Result<Self, EncodeError> {
        if name == RAW_VALUE {
            return Ok(Self::Raw(records, None));
        }
        if name == NUMBER {
            return Ok(Self::Number(records, None));
        }
        ContainerSerializer::open(records, Tag::Object).map(Self::Object)
    }
}

impl SerializeStruct for FieldSerializer<'_> {
    type Ok = usize;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        match self {
            Self::Object(object) => {
                object.push_name(key);
                object.push(value)
            }
            Self::Raw(records, written) => {
                *written = Some(value.serialize(RawText {
                    records,
                    of_number: false,
                })?);
                Ok(())
            }
            Self::Number(records, written) => {
                *written = Some(value.serialize(RawText {
                    records,
                    of_number: true,
                })?);
                Ok(())
            }
        }
    }

    fn end(self) -> Result<usize, EncodeError> {
        match self {
            Self::Object(object) => Ok(object.close()),
            Self::Raw(_, written) | Self::Number(_, written) => written.ok_or(EncodeError::Marker),
        }
    }
}

/// A serializer that takes a string as JSON text.
struct RawText<'a> {
    records: &'a mut RecordWriter,
    /// Whether the text is a number, which is written as JavaScript prints it.
    of_number: bool,
}

/// Returns the text of a number as JavaScript prints it. Whole numbers keep all their digits.
fn printed(number: &str) -> Cow<'_, str> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && number != "-0" {
        return Cow::Borrowed(number);
    }
    match number.parse::<f64>() {
        Ok(float) if float.is_finite() => {
            Cow::Owned(ryu_js::Buffer::new().format(float).to_owned())
        }
        _ => Cow::Borrowed("null"),
    }
}

impl Serializer for RawText<'_> {
    type Ok = usize;
    type Error = EncodeError;
    refuse! {
        @types SerializeSeq, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, SerializeMap,
        SerializeStruct, SerializeStructVariant
    }

    fn serialize_str(self, text: &str) -> Result<usize, EncodeError> {
        let text = if self.of_number {
            printed(text)
        } else {
            Cow::Borrowed(text)
        };
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        };
        // An object must not be shared, because the copies would become one object in JavaScript.
        if text.starts_with(['{', '[']) {
            self.records.check_levels(&text)?;
            self.records.object("[0,", write)
        } else {
            self.records.primitive("[0,", write)
        }
    }

    refuse! { EncodeError::Marker => scalars, number_like, option, unit, bytes, newtype, variants, containers }
}
