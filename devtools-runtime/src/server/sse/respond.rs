//! The route of the transport.

use std::sync::Arc;

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use crate::function::BoxError;
use crate::host::Arrival;
use crate::server::body::ResponseBody;
use crate::server::connections::ServedConnection;
use crate::server::headers;
use crate::server::mount::Mount;
use crate::server::response::refusal;
use crate::server::sse::{open, post};

/// The header of a POST that names its session.
const SESSION: &str = "x-birpc-session";

/// The methods of the route.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");

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
        Method::GET => begin(mount, arrive(request)),
        Method::POST => {
            let session = request
                .headers()
                .get(SESSION)
                .and_then(|id| id.to_str().ok());
            let inbox = session.and_then(|id| mount.sse.find(id));
            match inbox {
                Some(inbox) => {
                    if let Some(connection) = request.extensions().get::<Arc<ServedConnection>>() {
                        connection.belongs_to(&inbox.access);
                    }
                    post::receive(inbox, body, &mount.serving.context).await
                }
                None => post::unknown_session(),
            }
        }
        Method::OPTIONS => headers::preflight(request, METHODS),
        _ => {
            let mut refused = refusal(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            refused.headers_mut().insert(ALLOW, METHODS);
            refused
        }
    }
}

/// Opens a session, which a task of the server then serves.
fn begin(mount: &Mount, arrival: Arrival) -> Response<ResponseBody> {
    let serving = &mount.serving;
    let Some(permit) = serving.context.reserve_session(&arrival) else {
        return refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "there are too many sessions",
        );
    };
    let (transport, events) = match open::open(&mount.sse, &arrival.access) {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(%error, "could not make an id for a session: the system has no random numbers");
            return refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "could not make an id for a session",
            );
        }
    };
    let context = serving.context.clone();
    let arrival = Box::new(arrival);
    let closing = mount.closing.child_token();
    serving.tasks.spawn(async move {
        context
            .serve_connection(transport, arrival, permit, closing)
            .await;
    });

    let mut response = Response::new(ResponseBody::new(events));
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
