//! The requests that a dump answers.

use crate::wire::js::Value;
use crate::wire::{Envelope, FrameText, Payload, ReadError, RequestId};

/// A parsed request.
pub(super) struct ParsedRequest {
    pub(super) id: RequestId,
    pub(super) function: String,
    pub(super) optional: bool,
    /// The arguments, or the reason why they cannot be read.
    pub(super) arguments: Result<Vec<Value>, String>,
}

impl ParsedRequest {
    /// Parses a frame. Returns `None` for an event or a reply.
    pub(super) fn read(text: &str) -> Result<Option<Self>, ReadError> {
        let text = FrameText::open(text)?;
        let Envelope::Request(request) = text.envelope()? else {
            return Ok(None);
        };
        let Some(id) = request.id else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            function: request.method.into_owned(),
            optional: request.optional,
            arguments: arguments_of(request.arguments),
        }))
    }
}

fn arguments_of(payload: Payload<'_>) -> Result<Vec<Value>, String> {
    if matches!(payload, Payload::Absent) {
        return Ok(Vec::new());
    }
    // The call comes from this program, so its arguments are trusted.
    payload.trust();
    match payload.read() {
        Ok(Value::Array(arguments)) => Ok(arguments),
        // `null` means no arguments, as for a server: Rust writes `()` as `null`.
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(_) => Err("they are not an array".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
