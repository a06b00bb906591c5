//! Frames of a connection.

use std::str::from_utf8;

use super::Verdict;
use super::value::is_lossy;
use crate::wire::js::Value;
use crate::wire::{
    self, EncodeError, Encoding, Envelope, FrameText, Payload, RemoteErrorText, RequestId,
    ValueWriteError,
};

/// How many steps a byte of a frame may cost whose sender is not known yet.
const STEPS: usize = 8;

/// A frame, with everything in it decoded.
#[derive(Debug)]
enum Message {
    Request {
        method: String,
        arguments: Value,
        optional: bool,
        id: Option<RequestId>,
    },
    Success {
        id: RequestId,
        result: Option<Value>,
    },
    Failure {
        id: RequestId,
        name: String,
        message: String,
    },
}

/// A frame of a connection.
///
/// # Panics
///
/// If a message that was read is another one once it is written and read again, or with white space before it, or reading takes
/// more steps than the frame pays for.
pub fn envelope(frame: &[u8]) -> Verdict {
    let Ok(frame) = from_utf8(frame) else {
        return Verdict::Refused;
    };
    let message = Message::read(frame);
    if !frame.starts_with("s:") {
        // White space makes no difference, but frames without it are read by another way.
        match (&message, Message::read(&format!(" {frame}"))) {
            (Some(message), Some(spaced)) => message.assert_is(&spaced),
            (None, None) => {}
            (message, spaced) => panic!("{message:?} becomes {spaced:?} with white space"),
        }
    }
    let Some(message) = message else {
        return Verdict::Refused;
    };
    let encodings: &[Encoding] = if frame.starts_with("s:") {
        &[Encoding::StructuredClone] // JSON has no words for all that this has
    } else {
        &[Encoding::Json, Encoding::StructuredClone]
    };
    for encoding in encodings {
        let Some(text) = written(message.write(*encoding)) else {
            continue;
        };
        let again = read_again(&text);
        again.assert_is(&message);
        let text_again = written(again.write(*encoding)).unwrap_or_default();
        read_again(&text_again).assert_is(&again);
        if !message.is_lossy() {
            assert_eq!(text_again, text);
        }
    }
    Verdict::Read
}

fn read_again(text: &str) -> Message {
    Message::read(text).unwrap_or_else(|| panic!("written, but not read: {text}"))
}

impl Message {
    /// `None` if the frame is refused, or is a response that answers nothing or with an error that is none.
    fn read(frame: &str) -> Option<Self> {
        let text = FrameText::open(frame).ok()?;
        let message = Self::of(&text);
        let (steps, length) = (text.steps(), frame.len());
        assert!(steps <= STEPS * length, "{steps} steps for {length} bytes");
        message
    }

    fn of(text: &FrameText<'_>) -> Option<Self> {
        Some(match text.envelope().ok()? {
            Envelope::Request(request) => Self::Request {
                method: request.method.into_owned(),
                arguments: request.arguments.read().ok()?,
                optional: request.optional,
                id: request.id,
            },
            Envelope::Response(response) => match response.result {
                Ok(Payload::Absent) => Self::Success {
                    id: response.id?,
                    result: None,
                },
                Ok(result) => Self::Success {
                    id: response.id?,
                    result: Some(result.read().ok()?),
                },
                Err(error) => match error.read().ok()? {
                    Value::Error(error) => Self::Failure {
                        id: response.id?,
                        name: error.name,
                        message: error.message,
                    },
                    _ => return None,
                },
            },
        })
    }

    fn write(&self, encoding: Encoding) -> Result<String, ValueWriteError> {
        match self {
            Self::Request {
                method,
                arguments,
                optional,
                id,
            } => wire::request(encoding, method, arguments, *optional, id.as_ref()),
            Self::Success { id, result } => wire::success(encoding, id, result.as_ref()),
            Self::Failure { id, name, message } => {
                wire::failure(id, RemoteErrorText { name, message })
            }
        }
    }

    fn id(&self) -> Option<Value> {
        match self {
            Self::Request { id, .. } => id.as_ref().map(value_of),
            Self::Success { id, .. } | Self::Failure { id, .. } => Some(value_of(id)),
        }
    }

    /// Whether it holds something that is read as something else once it is written.
    fn is_lossy(&self) -> bool {
        match self {
            Self::Request { arguments, .. } => is_lossy(arguments),
            Self::Success { result, .. } => result.as_ref().is_some_and(is_lossy),
            Self::Failure { .. } => false,
        }
    }

    fn assert_is(&self, before: &Self) {
        assert_eq!(self.id(), before.id());
        match (self, before) {
            (
                Self::Request {
                    method,
                    arguments,
                    optional,
                    ..
                },
                Self::Request {
                    method: method_before,
                    arguments: arguments_before,
                    optional: optional_before,
                    ..
                },
            ) => {
                assert_eq!((method, optional), (method_before, optional_before));
                assert!(is_lossy(arguments_before) || arguments == arguments_before);
            }
            (
                Self::Success { result, .. },
                Self::Success {
                    result: result_before,
                    ..
                },
            ) => assert!(before.is_lossy() || result == result_before),
            (
                Self::Failure { name, message, .. },
                Self::Failure {
                    name: name_before,
                    message: message_before,
                    ..
                },
            ) => assert_eq!((name, message), (name_before, message_before)),
            _ => panic!("{before:?} has become {self:?}"),
        }
    }
}

/// An id as JavaScript sees it.
fn value_of(id: &RequestId) -> Value {
    let value = serde_json::to_string(id).and_then(|text| serde_json::from_str(&text));
    value.unwrap_or_else(|error| panic!("the id {id} cannot be echoed: {error}"))
}

/// The text, or `None` if the value has none by its nature.
fn written(text: Result<String, ValueWriteError>) -> Option<String> {
    match text {
        Ok(text) => Some(text),
        // Within an envelope a value is a level deeper than it may have been in JSON.
        Err(ValueWriteError::Clone(EncodeError::InvalidDate | EncodeError::TooDeep)) => None,
        Err(error) => panic!("not written: {error}"),
    }
}
