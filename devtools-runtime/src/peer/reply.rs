//! The reply to a call, as the driver passes it to the caller.
//!
//! The driver has read the envelope, and the caller knows the type of the result. The driver passes the frame itself, so
//! the reply is decoded in the caller's task. Only a small one is copied, which [frees the read buffer](Frame::to_keep).

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;

use crate::function::{CallError, RemoteError, RpcFunction, SerdeOutput};
use crate::peer::frame::Frame;
use crate::peer::thrown::remote_error;
use crate::wire::{self, Encoding, Envelope, FrameText, Payload, ReadError, Response, json};

/// A frame that holds a reply. Clones share the frame.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    frame: Frame,
    /// The position of the result, if it is JSON. Other results are found again when they are read.
    json: Option<Range<usize>>,
}

impl Reply {
    /// Makes the reply that was read as `response` from `frame`.
    pub(crate) fn new(frame: &Frame, response: &Response<'_>) -> Self {
        let json = match response.result {
            Ok(Payload::Json(text)) => {
                let start = text.as_ptr() as usize - frame.as_str().as_ptr() as usize;
                Some(start..start + text.len())
            }
            _ => None,
        };
        Self {
            frame: frame.to_keep(),
            json,
        }
    }

    /// Makes a reply of `frame`. The result is found when it is read.
    pub(crate) fn of(frame: Frame) -> Self {
        Self { frame, json: None }
    }

    /// Returns the text of the frame.
    pub(crate) fn text(&self) -> &str {
        self.frame.as_str()
    }

    /// Returns the size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.frame.len()
    }

    /// Returns whether the call succeeded with `undefined`.
    pub(crate) fn is_undefined(&self) -> bool {
        self.json.is_none()
            && self
                .with(|result| Ok(matches!(result, Ok(Payload::Absent))))
                .unwrap_or(false)
    }

    /// Decodes the output of `F`, or returns the error that the peer answered with.
    pub(crate) fn output<F: RpcFunction>(&self) -> Result<F::Output, CallError> {
        self.read::<SerdeOutput<F::Output>>(F::NAME, F::ENCODING)
            .map(|carried| carried.0)
    }

    /// Decodes the result, or returns the error that the peer answered with.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        function: &str,
        encoding: Encoding,
    ) -> Result<T, CallError> {
        let undecoded = |error: ReadError| CallError::Decode {
            function: function.to_owned(),
            source: error.into(),
        };
        if let Some(json) = &self.json {
            let text = &self.frame.as_str()[json.clone()];
            return json::read(text).map_err(|error| undecoded(error.into()));
        }
        let value = self.with(|result| match (result, encoding) {
            (Err(error), _) => Ok(Err(error_of(error, function))),
            (Ok(payload), Encoding::StructuredClone) => payload.read_result().map(Ok),
            (Ok(payload), Encoding::Json) => Ok(Ok(json::read(&payload.to_json()?)?)),
        });
        value.map_err(undecoded)?
    }

    /// Returns the result as JSON, `null` for `undefined`. Types that only structured clone has are converted.
    #[cfg(feature = "server")]
    pub(crate) fn to_json(&self) -> Result<String, ReadError> {
        self.with(|result| {
            let (Ok(payload) | Err(payload)) = result;
            payload.to_json().map(Cow::into_owned)
        })
    }

    fn with<T>(
        &self,
        read: impl FnOnce(Result<Payload<'_>, Payload<'_>>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let text = FrameText::open(self.frame.as_str())?;
        match text.envelope()? {
            Envelope::Response(response) => {
                let (Ok(payload) | Err(payload)) = response.result;
                // The frame answers a call of this side, so its sender is trusted.
                payload.trust();
                read(response.result)
            }
            Envelope::Request(_) => read(Ok(Payload::Absent)),
        }
    }
}

/// Converts the error that a peer answered with. JavaScript code can throw any value ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors)).
fn error_of(payload: Payload<'_>, function: &str) -> CallError {
    let json = payload.to_json().unwrap_or_default();
    let error = match json::read(&json) {
        Ok(thrown) => remote_error(thrown),
        Err(_) => RemoteError::new("the peer answered with an unreadable error"),
    };
    let says = |message: fn(&str) -> String| {
        // A JavaScript peer does not shorten the name.
        error.message == message(function) || error.message == message(shortened(function).as_ref())
    };
    if says(not_found) {
        return CallError::UnknownFunction(function.to_owned());
    }
    if says(not_authorized) {
        return CallError::Unauthorized(function.to_owned());
    }
    match size_refused(&error.message) {
        Some(size) => CallError::TooLarge { size, limit: None },
        None => CallError::Remote(error),
    }
}

const REFUSED: [&str; 2] = ["the request of ", " bytes was refused as too large"];

/// Returns the message of the error reply for a request that the other side refused as too large. Callers recognize the
/// case by this message alone.
pub(crate) fn refused_as_too_large(size: usize) -> String {
    let [before, after] = REFUSED;
    format!("{before}{size}{after}")
}

/// Returns the size in a message of [`refused_as_too_large`].
fn size_refused(message: &str) -> Option<usize> {
    let [before, after] = REFUSED;
    message
        .strip_prefix(before)?
        .strip_suffix(after)?
        .parse()
        .ok()
}

/// Returns the message for a caller that is not trusted. Callers recognize the case by this message alone ([protocol 4.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#44-untrusted-sessions)).
pub(crate) fn unauthorized(name: &str) -> String {
    not_authorized(&shortened(name))
}

/// Returns the message for a function name that a peer does not know ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)).
pub(crate) fn unknown_function(name: &str) -> String {
    not_found(&shortened(name))
}

/// Shortens a name for replies and log lines. An untrusted client may have sent it, so it may have any length.
pub(crate) fn shortened(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    wire::cut(name, LONGEST)
}

fn not_authorized(name: &str) -> String {
    format!("RPC call to \"{name}\" was rejected: the caller is not authorized.")
}

fn not_found(name: &str) -> String {
    format!("[birpc] function \"{name}\" not found")
}
