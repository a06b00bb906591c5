//! The wire format: envelopes and their two codecs.
//!
//! A frame is one text message. Text that starts with `s:` is structured-clone text; any other text is plain JSON
//! ([protocol 2.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#21-the-text-of-a-frame)). Both are accepted everywhere, at any time. This folder converts between text and values. It does
//! no I/O and does not know functions or peers.

pub(crate) mod coded_message;
mod cut;
mod envelope;
mod event_start;
mod frame_text;
pub(crate) mod js;
pub(crate) mod json;
pub(crate) mod json_check;
mod json_path;
mod literal;
mod payload;
mod plain;
mod read_error;
mod refuse;
#[cfg(feature = "server")]
mod reply_id;
mod request_id;
pub(crate) mod reserved;
mod structured_clone;
mod surrogates;
#[cfg(test)]
pub(crate) mod tests;
mod write;

pub(crate) use self::cut::cut;
pub(crate) use self::envelope::{Envelope, Request, Response};
pub(crate) use self::event_start::EventStart;
pub(crate) use self::frame_text::FrameText;
pub(crate) use self::json_path::{locate, locate_byte, problem_of};
pub(crate) use self::payload::Payload;
pub(crate) use self::read_error::ReadError;
#[cfg(feature = "server")]
pub(crate) use self::reply_id::reply_id;
pub(crate) use self::request_id::RequestId;
pub(crate) use self::structured_clone::Document;
pub(crate) use self::structured_clone::MAX_DEPTH;
#[cfg(feature = "client")]
pub(crate) use self::structured_clone::Node;
#[cfg(test)]
pub(crate) use self::structured_clone::tests::described;
#[cfg(feature = "_fuzz")]
pub(crate) use self::structured_clone::{BASE_BUDGET, BUDGET_FACTOR};
pub(crate) use self::structured_clone::{DecodeError, EncodeError, write as write_clone};
pub(crate) use self::write::{
    RemoteErrorText, ValueWriteError, arguments, bare, failure, request, success, traced_request,
};

pub use self::write::Encoding;
