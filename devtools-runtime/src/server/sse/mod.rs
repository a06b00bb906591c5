//! Sessions over server-sent events: an event stream from the server, and POSTs from the client ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
//!
//! The rest of the crate sees such a session as a connection: [`SseTransport`] is the stream and sink of frames for its
//! driver. Frames arrive in POSTs and are sent on the [`EventStream`], which is the body of a response. A reply whose POST is
//! still open is sent as the answer to that POST.

mod events;
mod held;
mod post;
mod sessions;
mod transport;

use std::sync::Arc;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use crate::function::BoxError;
use crate::host::Arrival;
use crate::server::{Connection, Mount, ResponseBody, headers};

use self::events::EventStream;
use self::sessions::Registration;
use self::transport::SseTransport;

pub(crate) use self::held::HeldPosts;
#[cfg(feature = "_fuzz")]
pub(crate) use self::post::{call_id, read};
pub(crate) use self::sessions::SseSessions;

/// The capacity of the queues between a session's driver and its HTTP requests, in frames.
const FRAMES_UNDER_WAY: usize = 16;

/// The header of a POST that names its session.
const SESSION: &str = "x-birpc-session";

/// The header in the answer to a POST that says how many events were sent on the stream before it ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
const AFTER_EVENTS: HeaderName = HeaderName::from_static("x-birpc-after-events");

/// The methods of the route.
pub(crate) const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");

/// Answers a request of a client that may connect: a GET opens a session, and a POST carries a frame for one. `arrive`
/// describes the client of a new session.
pub(crate) async fn respond<B>(
    mount: &Mount,
    request: &mut Request<()>,
    body: B,
    arrive: impl FnOnce(&mut Request<()>) -> Arrival,
) -> Response<ResponseBody>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    match *request.method() {
        Method::GET => open(mount, arrive(request)),
        Method::POST => {
            let session = request
                .headers()
                .get(SESSION)
                .and_then(|id| id.to_str().ok());
            let inbox = session.and_then(|id| mount.sse.find(id));
            match inbox {
                Some(inbox) => {
                    if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
                        connection.belongs_to(&inbox.access);
                    }
                    post::receive(inbox, body, mount.serving.context.limits()).await
                }
                None => post::unknown_session(),
            }
        }
        Method::OPTIONS => headers::preflight(request, METHODS),
        _ => {
            let mut refused = message(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            refused.headers_mut().insert(ALLOW, METHODS);
            refused
        }
    }
}

/// Opens a session, which a task of the server then serves.
fn open(mount: &Mount, arrival: Arrival) -> Response<ResponseBody> {
    let serving = &mount.serving;
    let Some(permit) = serving.context.reserve_session(&arrival) else {
        return message(
            StatusCode::SERVICE_UNAVAILABLE,
            "there are too many sessions",
        );
    };
    let (transport, events) = match mount.sse.open(&arrival.access) {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(%error, "could not make an id for a session: the system has no random numbers");
            return message(
                StatusCode::INTERNAL_SERVER_ERROR,
                "could not make an id for a session",
            );
        }
    };
    let context = serving.context.clone();
    let closing = mount.closing.child_token();
    serving.tasks.spawn(async move {
        context
            .serve_connection(transport, arrival, permit, closing)
            .await;
    });

    let mut response = Response::new(ResponseBody::wrap(events));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"), // keeps nginx from buffering events
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Returns a plain-text refusal with the same headers as the JavaScript server's.
fn message(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(text));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
