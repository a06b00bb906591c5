//! POSTs, each of which carries one frame for a session.

use http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body;

use crate::function::BoxError;
use crate::host::DevToolsContext;
use crate::peer::{ArrivingRequest, ConnectionAccess};
use crate::server::body::ResponseBody;
use crate::server::headers::SOON;
use crate::server::incoming::{BodyLimits, Unread, collect};
use crate::server::response::{refusal, with_status};
use crate::server::sse::sessions::{PostInbox, PostedFrame};
use crate::wire::{Envelope, FrameText, RequestId};

/// The header in the answer to a POST that says how many events were sent on the stream before it ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
const AFTER_EVENTS: HeaderName = HeaderName::from_static("x-birpc-after-events");

/// The headers that pages of other origins may read.
const READABLE: HeaderValue = HeaderValue::from_static("x-birpc-after-events");

/// Passes the body to the session and answers the POST: with the reply if the frame is a call, and otherwise at once.
pub(super) async fn receive<B>(
    inbox: PostInbox,
    body: B,
    context: &DevToolsContext,
) -> Response<ResponseBody>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    let limits = context.limits();
    let (limit, name) = match inbox.access.get() {
        ConnectionAccess::Unauthorized if limits.untrusted.frame_bytes < limits.frame_bytes => {
            (limits.untrusted.frame_bytes, "untrusted.frame_bytes")
        }
        _ => (limits.frame_bytes, "frame_bytes"),
    };
    // A slot of the queue is reserved before the body is read, so that the number of bodies in memory is limited.
    let Ok(room) = inbox.frames.reserve_owned().await else {
        return unknown_session();
    };
    let (text, arriving) = match read(body, BodyLimits::of(context, limit), name).await {
        Ok(read) => read,
        Err(refused) => return *refused,
    };
    let held = call_id(&text).map(|id| inbox.held.hold(&id));
    drop(room.send(PostedFrame {
        frame: text.into(),
        _arriving: arriving,
    }));
    let Some(held) = held else {
        return accepted();
    };
    match held.reply().await {
        Some(reply) => {
            let mut response = Response::new(ResponseBody::full(reply.frame.as_str().to_owned()));
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, plain);
            headers.insert(AFTER_EVENTS, reply.after_events.into());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, READABLE);
            response
        }
        None => refusal(
            StatusCode::CONFLICT,
            "SSE session closed before the response settled",
        ),
    }
}

/// Returns the answer to a POST whose session does not exist or has ended.
pub(super) fn unknown_session() -> Response<ResponseBody> {
    refusal(StatusCode::BAD_REQUEST, "Unknown SSE session")
}

/// Returns the answer to a frame that has no reply.
fn accepted() -> Response<ResponseBody> {
    let mut response = with_status(StatusCode::ACCEPTED, ResponseBody::empty());
    let plain = HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// Reads the body as text, or returns the answer to a body that cannot be read. `name` is the name of the limit on its length.
pub(crate) async fn read<B>(
    body: B,
    limits: BodyLimits,
    name: &'static str,
) -> Result<(String, Option<ArrivingRequest>), Box<Response<ResponseBody>>>
where
    B: Body<Error: Into<BoxError>>,
{
    let limit = limits.bytes;
    let too_large = || {
        tracing::debug!(
            limit,
            "refused a POST: the frame is over the limit `{name}`"
        );
        let text = match name {
            "frame_bytes" => "the frame is over the limit `frame_bytes`",
            _ => "the frame is over the limit `untrusted.frame_bytes`: sign in first",
        };
        Box::new(refusal(StatusCode::PAYLOAD_TOO_LARGE, text))
    };
    let collected = match collect(body, limits).await {
        Ok(collected) => collected,
        Err(Unread::TooLarge) => return Err(too_large()),
        Err(Unread::TooSlow) => {
            tracing::debug!(
                "refused a POST: its body arrived more slowly than the limit `least_rate`"
            );
            let text = "the body arrived more slowly than the limit `least_rate`";
            return Err(Box::new(refusal(StatusCode::REQUEST_TIMEOUT, text)));
        }
        Err(Unread::TooMany(over)) => {
            tracing::debug!("refused a POST: {over}");
            let mut refused = refusal(StatusCode::SERVICE_UNAVAILABLE, over.to_string());
            refused.headers_mut().insert(RETRY_AFTER, SOON);
            return Err(Box::new(refused));
        }
        Err(Unread::Broken(error)) => {
            tracing::debug!(%error, "could not read the body of a POST");
            return Err(Box::new(refusal(
                StatusCode::BAD_REQUEST,
                "the frame could not be read",
            )));
        }
    };
    let text = String::from_utf8(collected.bytes).map_err(|_| {
        tracing::debug!("dropped a frame that is not UTF-8");
        Box::new(accepted())
    })?;
    Ok((text, collected.arriving))
}

/// Returns the id of the call in a frame, or `None` if the frame is not a call.
pub(crate) fn call_id(text: &str) -> Option<RequestId> {
    match FrameText::open(text).ok()?.envelope().ok()? {
        Envelope::Request(request) => request.id,
        Envelope::Response(_) => None,
    }
}
