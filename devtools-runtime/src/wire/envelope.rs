//! The fields of a message, which borrow from its frame.

use std::borrow::Cow;

use crate::wire::payload::Payload;
use crate::wire::request_id::RequestId;

/// The key of a caller's trace context, as W3C Trace Context calls it.
pub(super) const TRACEPARENT: &str = "traceparent";

/// A message ([protocol 1.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-request) and [protocol 1.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#12-response)).
pub(crate) enum Envelope<'f> {
    Request(Request<'f>),
    Response(Response<'f>),
}

/// A call or an event from the other peer.
pub(crate) struct Request<'f> {
    pub(crate) method: Cow<'f, str>,
    pub(crate) arguments: Payload<'f>,
    /// Whether a missing function is answered with `undefined`.
    pub(crate) optional: bool,
    /// The id of a call. `None` for an event, which gets no reply.
    pub(crate) id: Option<RequestId>,
    /// The `traceparent` of the caller, if it sent one.
    pub(crate) parent: Option<Cow<'f, str>>,
}

/// The reply to a call of this peer.
pub(crate) struct Response<'f> {
    pub(crate) id: Option<RequestId>,
    pub(crate) result: Result<Payload<'f>, Payload<'f>>,
}
