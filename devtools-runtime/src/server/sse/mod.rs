//! Sessions without a WebSocket: an event stream down, and POSTs up (`protocol.md` 5).
//!
//! To the rest of the crate such a session is one more connection: [`SseTransport`] is the stream and
//! sink of frames that its driver works with. Frames come in by the POSTs, and leave by the
//! [`EventStream`], which is the body of a response; a reply whose POST is held leaves as the answer to it.

mod events;
mod held;
mod post;
mod sessions;
mod transport;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use tokio_util::sync::CancellationToken;

use crate::devtools::DevTools;
use crate::function::BoxError;
use crate::host::SessionTransport;
use crate::server::{ResponseBody, origin};

use self::events::EventStream;
use self::held::HeldPosts;
use self::sessions::Registration;
use self::transport::SseTransport;

pub(crate) use self::sessions::SseSessions;

/// How many frames of a session may be on their way in one direction.
const FRAMES_UNDER_WAY: usize = 16;

/// The header of a POST that names its session.
const SESSION: &str = "x-birpc-session";

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");

/// Answers a request for the route: a new session, or a frame for one.
pub(crate) async fn respond<B>(
    devtools: &DevTools,
    closing: &CancellationToken,
    request: &Request<()>,
    body: B,
) -> Response<ResponseBody>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    let headers = request.headers();
    if !origin::admits(headers, &devtools.settings().allowed_origins) {
        return message(StatusCode::FORBIDDEN, "Forbidden");
    }
    let mut response = match *request.method() {
        Method::GET => open(devtools, closing),
        Method::POST => {
            let session = headers.get(SESSION).and_then(|id| id.to_str().ok());
            let inbox = session.and_then(|id| devtools.connections().sse.find(id));
            let limit = devtools.context().limits().frame_bytes;
            match inbox {
                Some(inbox) => post::receive(inbox, body, limit).await,
                None => post::unknown_session(),
            }
        }
        Method::OPTIONS => preflight(),
        _ => {
            let mut refused = message(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            refused.headers_mut().insert(ALLOW, METHODS);
            return refused;
        }
    };
    if let Some(origin) = headers.get(ORIGIN).filter(|origin| !origin.is_empty()) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// Begins a session, which a task of the server's then serves.
fn open(devtools: &DevTools, closing: &CancellationToken) -> Response<ResponseBody> {
    if devtools.context().is_full() {
        return message(
            StatusCode::SERVICE_UNAVAILABLE,
            "there are too many sessions",
        );
    }
    let connections = devtools.connections();
    let (transport, events) = match connections.sse.open() {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(%error, "no id for a session");
            return message(StatusCode::INTERNAL_SERVER_ERROR, "no id for a session");
        }
    };
    let context = devtools.context().clone();
    let closing = closing.child_token();
    connections.tasks.spawn(async move {
        let kind = SessionTransport::Sse;
        context.serve_connection(transport, kind, closing).await;
    });

    let mut response = Response::new(ResponseBody::wrap(events));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"), // or nginx would hold events back
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn preflight() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    let allowed = HeaderValue::from_static("content-type, x-birpc-session");
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// A refusal, as the JavaScript server spells it.
fn message(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(text));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
