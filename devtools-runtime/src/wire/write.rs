//! Writing an envelope, in the key order of the JavaScript implementation.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::wire::js;
use crate::wire::request_id::RequestId;
use crate::wire::structured_clone::{self, EncodeError};

/// The codec a function's values travel in.
///
/// Every peer reads both at any time; this is what a function's own side writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// Plain JSON: the default, and by far the faster one on both sides.
    #[default]
    Json,
    /// Structured-clone text (`protocol.md` 2.4), which keeps the types of the [`js`](crate::js) module.
    StructuredClone,
}

/// Why a value could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
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
    to_text(
        encoding,
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
        &SuccessEnvelope {
            id,
            result,
            encoding,
        },
    )
}

/// Writes the reply of a call that failed: always structured clone (`protocol.md` 1.5).
pub(crate) fn failure(id: &RequestId, error: RemoteErrorText<'_>) -> Result<String, WriteError> {
    to_text(Encoding::StructuredClone, &FailureEnvelope { id, error })
}

fn to_text<T: Serialize>(encoding: Encoding, envelope: &T) -> Result<String, WriteError> {
    Ok(match encoding {
        Encoding::Json => serde_json::to_string(envelope)?,
        Encoding::StructuredClone => {
            let mut text = String::from("s:");
            structured_clone::write(&mut text, envelope)?;
            text
        }
    })
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
            // JSON leaves `r` out, structured clone writes the void record (`protocol.md` 1.2).
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
