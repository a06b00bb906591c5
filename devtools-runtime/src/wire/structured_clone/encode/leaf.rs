//! Records that refer to no other: primitives, and JavaScript classes whose record has their content.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::wire::js::{TypedArrayKind, marker};
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::records::RecordWriter;

/// The way in which the content of a marker type is written.
pub(super) enum Leaf {
    /// The content follows this text, which is the tag with the bracket before it and the comma behind it. Equal
    /// values share a record.
    Primitive(&'static str),
    /// The content follows this text, as for a primitive. Each value has a record of its own.
    Object(&'static str),
    /// The content follows the name of the class, which is a string. Each value has a record of its own.
    Class(&'static str),
}

impl Leaf {
    /// Returns how the content of this marker type is written, or `None` if it is a container.
    pub(super) fn of_marker(name: &'static str) -> Option<Self> {
        Some(match name {
            marker::BIG_INT => Self::Primitive("[8,"),
            marker::DATE => Self::Object("[3,"),
            marker::REG_EXP => Self::Object("[4,"),
            marker::ERROR => Self::Object("[7,"),
            marker::BOXED_BOOLEAN
            | marker::BOXED_NUMBER
            | marker::BOXED_STRING
            | marker::BOXED_BIG_INT
            | marker::ARRAY_BUFFER
            | marker::DATA_VIEW => Self::Class(name.strip_prefix(marker::PREFIX)?),
            _ => {
                let class = name.strip_prefix(marker::PREFIX)?;
                TypedArrayKind::from_name(class).map(|_| Self::Class(class))?
            }
        })
    }

    /// Adds a record with this content.
    pub(super) fn write<T: Serialize + ?Sized>(
        self,
        records: &mut RecordWriter,
        content: &T,
    ) -> Result<usize, EncodeError> {
        match self {
            Self::Primitive(head) => primitive(records, head, content),
            Self::Object(head) => object(records, head, content),
            Self::Class(class) => object(records, &format!("[\"{class}\","), content),
        }
    }
}

/// Adds the record of a primitive, or returns the record of an equal one.
pub(super) fn primitive<T: Serialize + ?Sized>(
    records: &mut RecordWriter,
    head: &str,
    content: &T,
) -> Result<usize, EncodeError> {
    records.primitive(head, |out| write_json(out, content))
}

/// Adds a record that is not shared.
pub(super) fn object<T: Serialize + ?Sized>(
    records: &mut RecordWriter,
    head: &str,
    content: &T,
) -> Result<usize, EncodeError> {
    records.object(head, |out| write_json(out, content))
}

/// Appends `content` as JSON, in the form of `JSON.stringify`.
fn write_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, content: &T) -> Result<(), EncodeError> {
    let mut serializer = serde_json::Serializer::with_formatter(out, JavaScriptNumbers);
    content
        .serialize(&mut serializer)
        .map_err(|error| EncodeError::Custom(error.to_string()))
}

/// A formatter for compact JSON with JavaScript's floats: `1` and `1e+21`, where Rust prints `1.0` and `1e21`.
struct JavaScriptNumbers;

impl Formatter for JavaScriptNumbers {
    fn write_f32<W: io::Write + ?Sized>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        out.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }

    fn write_f64<W: io::Write + ?Sized>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        out.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }
}
