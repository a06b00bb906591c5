//! What travels between two peers: envelopes, and the two codecs they are written in.
//!
//! A frame is one text message. Text that starts with `s:` is structured-clone text, anything else
//! is plain JSON (`protocol.md` 2.1); both are read everywhere, at any time. This folder is pure:
//! text in, values out, and the reverse. It does no I/O and knows nothing of functions or peers.

pub(crate) mod coded_message;
mod envelope;
pub(crate) mod js;
mod json_path;
#[cfg(feature = "server")]
mod reply_id;
mod request_id;
mod structured_clone;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use self::envelope::{Envelope, FrameText, Payload, ReadError, Request, Response};
pub(crate) use self::json_path::{locate, problem_of};
#[cfg(feature = "server")]
pub(crate) use self::reply_id::reply_id;
pub(crate) use self::request_id::RequestId;
#[cfg(feature = "_fuzz")]
pub(crate) use self::structured_clone::{BUDGET_FACTOR, MAX_DEPTH, MIN_BUDGET};
pub(crate) use self::structured_clone::{DecodeError, Document, EncodeError, write as write_clone};
#[cfg(feature = "_fuzz")]
pub(crate) use self::write::WriteError;
pub(crate) use self::write::{RemoteErrorText, failure, request, success};

pub use self::write::Encoding;
