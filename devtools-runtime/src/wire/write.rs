//! Writes envelopes, with the key order of the JavaScript implementation.

use serde::ser::{SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use crate::wire::envelope::TRACEPARENT;
use crate::wire::js;
use crate::wire::json::{self, JsonError};
use crate::wire::literal::push_quoted;
use crate::wire::request_id::RequestId;
use crate::wire::structured_clone::{self, EncodeError, MAX_DEPTH};

/// The codec in which the values of a function travel.
///
/// Every peer reads both at any time. This setting selects the one that the function's own side writes.
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
    /// Plain JSON, the default. It is much faster on both sides.
    #[default]
    Json,
    /// Structured-clone text ([protocol 2.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#24-structured-clone)), which keeps the types of the [`js`](crate::js) module.
    StructuredClone,
}

/// The error of writing a value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ValueWriteError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Clone(#[from] EncodeError),
}

/// The parts of an error that are sent.
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
) -> Result<String, ValueWriteError> {
    traced_request(encoding, method, arguments, optional, id, None)
}

/// Writes a request with the `traceparent` of the caller's span, if it has one.
pub(crate) fn traced_request<A: Serialize>(
    encoding: Encoding,
    method: &str,
    arguments: &A,
    optional: bool,
    id: Option<&RequestId>,
    parent: Option<&str>,
) -> Result<String, ValueWriteError> {
    let request = RequestEnvelope {
        method,
        arguments,
        optional,
        id,
        parent,
    };
    match encoding {
        Encoding::Json => Ok(json::write_text(|text| request.push_json(text))?),
        // One level for the frame, and one for the array of arguments.
        Encoding::StructuredClone => structured_clone(2, &request),
    }
}

/// Writes the reply to a call that succeeded. `None` stands for `undefined`.
pub(crate) fn success<T: Serialize + ?Sized>(
    encoding: Encoding,
    id: &RequestId,
    result: Option<&T>,
) -> Result<String, ValueWriteError> {
    match encoding {
        Encoding::Json => Ok(json::write_text(|text| {
            text.extend_from_slice(br#"{"t":"s","i":"#);
            id.push_json(text)?;
            if let Some(result) = result {
                text.extend_from_slice(br#","r":"#);
                json::push_value(text, result, MAX_DEPTH)?;
            }
            text.push(b'}');
            Ok(())
        })?),
        Encoding::StructuredClone => structured_clone(1, &SuccessEnvelope { id, result }),
    }
}

/// Writes the reply to a call that failed. It is always structured clone ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors)).
pub(crate) fn failure(
    id: &RequestId,
    error: RemoteErrorText<'_>,
) -> Result<String, ValueWriteError> {
    let error = js::Error::with_name(error.name, error.message);
    structured_clone(1, &FailureEnvelope { id, error })
}

/// Writes an array of arguments without an envelope. Structured clone has no prefix `s:` there.
pub(crate) fn arguments<A: Serialize>(
    encoding: Encoding,
    arguments: &A,
) -> Result<String, ValueWriteError> {
    bare(encoding, 1, arguments)
}

/// Writes a value without an envelope. Structured clone has no prefix `s:` there. `around` is the number of levels
/// around the values of functions.
pub(crate) fn bare<T: Serialize + ?Sized>(
    encoding: Encoding,
    around: usize,
    value: &T,
) -> Result<String, ValueWriteError> {
    let levels = MAX_DEPTH + around;
    match encoding {
        Encoding::Json => Ok(json::write(value, levels)?),
        Encoding::StructuredClone => {
            let mut text = String::new();
            structured_clone::write_levels(&mut text, value, levels)?;
            Ok(text)
        }
    }
}

/// Writes an envelope. `around` is the number of levels around the values of functions, which may have [`MAX_DEPTH`]
/// levels themselves.
fn structured_clone<T: Serialize>(around: usize, envelope: &T) -> Result<String, ValueWriteError> {
    let mut text = String::from("s:");
    structured_clone::write_levels(&mut text, envelope, MAX_DEPTH + around)?;
    Ok(text)
}

struct RequestEnvelope<'a, A> {
    method: &'a str,
    arguments: &'a A,
    optional: bool,
    id: Option<&'a RequestId>,
    parent: Option<&'a str>,
}

impl<A: Serialize> RequestEnvelope<'_, A> {
    fn push_json(&self, text: &mut Vec<u8>) -> Result<(), JsonError> {
        text.extend_from_slice(br#"{"m":"#);
        push_quoted(text, self.method);
        text.extend_from_slice(br#","a":"#);
        json::push_value(text, self.arguments, MAX_DEPTH + 1)?;
        text.extend_from_slice(br#","t":"q""#);
        if self.optional {
            text.extend_from_slice(br#","o":true"#);
        }
        if let Some(id) = self.id {
            text.extend_from_slice(br#","i":"#);
            id.push_json(text)?;
        }
        if let Some(parent) = self.parent {
            text.extend_from_slice(br#",""#);
            text.extend_from_slice(TRACEPARENT.as_bytes());
            text.extend_from_slice(br#"":"#);
            push_quoted(text, parent);
        }
        text.push(b'}');
        Ok(())
    }
}

impl<A: Serialize> Serialize for RequestEnvelope<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 3
            + usize::from(self.optional)
            + usize::from(self.id.is_some())
            + usize::from(self.parent.is_some());
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
        if let Some(parent) = self.parent {
            envelope.serialize_field(TRACEPARENT, parent)?;
        }
        envelope.end()
    }
}

struct SuccessEnvelope<'a, T: ?Sized> {
    id: &'a RequestId,
    result: Option<&'a T>,
}

impl<T: Serialize + ?Sized> Serialize for SuccessEnvelope<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut envelope = serializer.serialize_struct("Success", 3)?;
        envelope.serialize_field("t", "s")?;
        envelope.serialize_field("i", self.id)?;
        match self.result {
            Some(result) => envelope.serialize_field("r", result)?,
            // JSON would leave `r` out (`docs/protocol.md` 1.2).
            None => envelope.serialize_field("r", &js::Undefined)?,
        }
        envelope.end()
    }
}

#[derive(Serialize)]
#[serde(tag = "t", rename = "s")]
struct FailureEnvelope<'a> {
    #[serde(rename = "i")]
    id: &'a RequestId,
    #[serde(rename = "e")]
    error: js::Error,
}
