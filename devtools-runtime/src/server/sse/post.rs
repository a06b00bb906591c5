//! A POST: one frame for a session.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::function::BoxError;
use crate::server::ResponseBody;
use crate::server::sse::message;
use crate::server::sse::sessions::Inbox;
use crate::wire::{Envelope, FrameText, RequestId};

/// Hands the body to the session, and answers: with the reply if it is a call, at once if it is not.
pub(super) async fn receive<B>(inbox: Inbox, body: B, limit: usize) -> Response<ResponseBody>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    // Before the body is read, so that no more bodies are in memory than there is room for.
    let Ok(room) = inbox.frames.reserve_owned().await else {
        return unknown_session();
    };
    let text = match read(body, limit).await {
        Ok(text) => text,
        Err(refusal) => return *refusal,
    };
    let held = call_id(&text).map(|id| inbox.held.hold(&id));
    drop(room.send(text.into()));
    let Some(held) = held else {
        return accepted();
    };
    match held.reply().await {
        Some(frame) => {
            let mut response = Response::new(ResponseBody::full(frame.as_str().to_owned()));
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, plain);
            response
        }
        None => message(
            StatusCode::CONFLICT,
            "SSE session closed before the response settled",
        ),
    }
}

/// The answer to a POST for a session that is not there, or no more.
pub(super) fn unknown_session() -> Response<ResponseBody> {
    message(StatusCode::BAD_REQUEST, "Unknown SSE session")
}

/// The answer to a frame that gets no reply.
fn accepted() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    let plain = HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// The body as text, or the answer if it cannot be had.
pub(crate) async fn read<B>(body: B, limit: usize) -> Result<String, Box<Response<ResponseBody>>>
where
    B: Body<Error: Into<BoxError>>,
{
    let too_large = || {
        let text = "the frame is over the limit `frame_bytes`";
        tracing::debug!(limit, "refused a POST: {text}");
        Box::new(message(StatusCode::PAYLOAD_TOO_LARGE, text))
    };
    let limit_as_size = u64::try_from(limit).unwrap_or(u64::MAX);
    if body.size_hint().lower() > limit_as_size {
        return Err(too_large());
    }
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) => {
            tracing::debug!(%error, "a POST broke off");
            return Err(Box::new(message(
                StatusCode::BAD_REQUEST,
                "the frame could not be read",
            )));
        }
    };
    String::from_utf8(bytes.into()).map_err(|_| {
        tracing::debug!("dropped a frame that is no UTF-8");
        Box::new(accepted())
    })
}

/// The id of the call in a frame; `None` if the frame is anything else.
pub(crate) fn call_id(text: &str) -> Option<RequestId> {
    match FrameText::open(text).ok()?.envelope().ok()? {
        Envelope::Request(request) => request.id,
        Envelope::Response(_) => None,
    }
}
