//! Sessions over server-sent events: an event stream from the server, and POSTs from the client ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
//!
//! The rest of the crate sees such a session as a connection: [`SseTransport`](transport::SseTransport) is the stream
//! and sink of frames for its driver. Frames arrive in POSTs and are sent on the [`EventStream`](events::EventStream),
//! which is the body of a response. A reply whose POST is still open is sent as the answer to that POST.

mod events;
mod held;
mod open;
mod post;
mod respond;
mod sessions;
mod transport;

#[cfg(feature = "_fuzz")]
pub(crate) use self::held::HeldPosts;
#[cfg(feature = "_fuzz")]
pub(crate) use self::post::{call_id, read};
pub(crate) use self::respond::respond;
pub(crate) use self::sessions::SseSessions;
