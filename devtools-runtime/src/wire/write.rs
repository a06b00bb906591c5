//! Writing an envelope, in the key order of the JavaScript implementation.

use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::wire::envelope::ReadError;
use crate::wire::js;
use crate::wire::json::{self, JsonError};
use crate::wire::request_id::RequestId;
use crate::wire::structured_clone::{self, Document, EncodeError, MAX_DEPTH};

/// The codec a function's values travel in.
///
/// Every peer reads both at any time; this is what a function's own side writes.
///
/// ```
/// use devtools_runtime::{Encoding, RpcFunction, js, rpc_function};
///
/// /// JSON has no word for a `Map`.
/// #[rpc_function(name = "docs-of-encodings:get-sizes", encoding = "structured-clone")]
/// fn get_sizes() -> js::Map<String, u32> {
///     js::Map::default()
/// }
///
/// assert_eq!(GetSizes::ENCODING, Encoding::StructuredClone);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// Plain JSON: the default, and by far the faster one on both sides.
    #[default]
    Json,
    /// Structured-clone text ([protocol 2.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#24-structured-clone)), which keeps the types of the [`js`](crate::js) module.
    StructuredClone,
}

/// Why a value could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Clone(#[from] EncodeError),
}

/// What travels of an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RemoteErrorText<'a> {
    pub(crate) name: &'a str,
    pub(crate) message: &'a str,
}

/// Writes a request. Without an `id` it is an event.
pub(crate) fn request<A: Serialize>(
    encoding: Encoding,
    method: &str,
    arguments: &A,
    optional: bool,
    id: Option<&RequestId>,
) -> Result<String, WriteError> {
    // The frame, and the array of arguments.
    let around = 2;
    to_text(
        encoding,
        around,
        &RequestEnvelope {
            method,
            arguments,
            optional,
            id,
        },
    )
}

/// Writes the reply of a call that succeeded. `None` stands for `undefined`.
pub(crate) fn success<T: Serialize + ?Sized>(
    encoding: Encoding,
    id: &RequestId,
    result: Option<&T>,
) -> Result<String, WriteError> {
    to_text(
        encoding,
        1,
        &SuccessEnvelope {
            id,
            result,
            encoding,
        },
    )
}

/// Writes the reply of a call that failed: always structured clone ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors)).
pub(crate) fn failure(id: &RequestId, error: RemoteErrorText<'_>) -> Result<String, WriteError> {
    to_text(Encoding::StructuredClone, 1, &FailureEnvelope { id, error })
}

/// Writes what a dump keeps of a call ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)). Structured clone is without its `s:` there.
///
/// Of a static function no `inputs` are kept.
pub(crate) fn record<T: Serialize + ?Sized>(
    encoding: Encoding,
    inputs: Option<&Inputs>,
    ended: Ended<'_, T>,
) -> Result<String, WriteError> {
    // The record, and the array of inputs.
    let around = if inputs.is_some() { 2 } else { 1 };
    let contents = RecordContents { inputs, ended };
    write_to(String::new(), encoding, around, &contents)
}

/// The arguments of a call that a dump keeps.
#[derive(Debug, Clone)]
pub(crate) enum Inputs {
    None,
    /// Of a function that travels as JSON: an array.
    Json(Box<RawValue>),
    Clone(Vec<js::Value>),
}

impl Inputs {
    /// Takes [`arguments`] as they were written.
    pub(crate) fn of(encoding: Encoding, text: &str) -> Result<Self, ReadError> {
        Ok(match encoding {
            Encoding::Json => Self::Json(serde_json::from_str(text)?),
            Encoding::StructuredClone => {
                // They are in an array.
                let arguments = Document::parse(text)?;
                Self::Clone(arguments.root().with_levels(MAX_DEPTH + 1).read()?)
            }
        })
    }
}

/// How a call ended that a dump keeps.
#[derive(Debug)]
pub(crate) enum Ended<'a, T: ?Sized> {
    Output(&'a T),
    Error(&'a T),
}

/// Writes arguments, an array, as they are called with: structured clone is without its `s:`.
pub(crate) fn arguments<A: Serialize>(
    encoding: Encoding,
    arguments: &A,
) -> Result<String, WriteError> {
    write_to(String::new(), encoding, 1, arguments)
}

fn to_text<T: Serialize>(
    encoding: Encoding,
    around: usize,
    envelope: &T,
) -> Result<String, WriteError> {
    let prefix = match encoding {
        Encoding::Json => String::new(),
        Encoding::StructuredClone => String::from("s:"),
    };
    write_to(prefix, encoding, around, envelope)
}

/// Writes `value` behind `text`, which JSON needs to be empty. So many levels are around the values of functions, which
/// may be nested [`MAX_DEPTH`] levels deep.
fn write_to<T: Serialize>(
    mut text: String,
    encoding: Encoding,
    around: usize,
    value: &T,
) -> Result<String, WriteError> {
    let levels = MAX_DEPTH + around;
    match encoding {
        Encoding::Json => Ok(json::write(value, levels)?),
        Encoding::StructuredClone => {
            structured_clone::write_levels(&mut text, value, levels)?;
            Ok(text)
        }
    }
}

struct RequestEnvelope<'a, A> {
    method: &'a str,
    arguments: &'a A,
    optional: bool,
    id: Option<&'a RequestId>,
}

impl<A: Serialize> Serialize for RequestEnvelope<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 3 + usize::from(self.optional) + usize::from(self.id.is_some());
        let mut envelope = serializer.serialize_struct("Request", fields)?;
        envelope.serialize_field("m", self.method)?;
        envelope.serialize_field("a", self.arguments)?;
        envelope.serialize_field("t", "q")?;
        if self.optional {
            envelope.serialize_field("o", &true)?;
        }
        if let Some(id) = self.id {
            envelope.serialize_field("i", id)?;
        }
        envelope.end()
    }
}

struct SuccessEnvelope<'a, T: ?Sized> {
    id: &'a RequestId,
    result: Option<&'a T>,
    encoding: Encoding,
}

impl<T: Serialize + ?Sized> Serialize for SuccessEnvelope<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_struct("Success", 3)?;
        envelope.serialize_field("t", "s")?;
        envelope.serialize_field("i", self.id)?;
        match (self.result, self.encoding) {
            (Some(result), _) => envelope.serialize_field("r", result)?,
            // JSON leaves `r` out, structured clone writes the void record (`docs/protocol.md` 1.2).
            (None, Encoding::Json) => {}
            (None, Encoding::StructuredClone) => envelope.serialize_field("r", &js::Undefined)?,
        }
        envelope.end()
    }
}

struct FailureEnvelope<'a> {
    id: &'a RequestId,
    error: RemoteErrorText<'a>,
}

impl Serialize for FailureEnvelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_struct("Failure", 3)?;
        envelope.serialize_field("t", "s")?;
        envelope.serialize_field("i", self.id)?;
        envelope.serialize_field(
            "e",
            &js::Error::with_name(self.error.name, self.error.message),
        )?;
        envelope.end()
    }
}

struct RecordContents<'a, T: ?Sized> {
    inputs: Option<&'a Inputs>,
    ended: Ended<'a, T>,
}

impl<T: Serialize + ?Sized> Serialize for RecordContents<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut contents = serializer.serialize_struct("Record", 2)?;
        if let Some(inputs) = self.inputs {
            contents.serialize_field("inputs", inputs)?;
        }
        match self.ended {
            Ended::Output(output) => contents.serialize_field("output", output)?,
            Ended::Error(error) => contents.serialize_field("error", error)?,
        }
        contents.end()
    }
}

impl Serialize for Inputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => [(); 0].serialize(serializer),
            Self::Json(text) => text.serialize(serializer),
            Self::Clone(values) => values.serialize(serializer),
        }
    }
}
