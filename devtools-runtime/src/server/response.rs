//! Small responses: texts, documents and redirects.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};

use crate::server::body::ResponseBody;
use crate::server::content_type::content_type;

/// Returns a plain-text response.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<ResponseBody> {
    of_type(status, text.to_owned(), "text/plain; charset=utf-8")
}

/// Returns a plain-text refusal with the same headers as the JavaScript server's, which writes the type without a space.
pub(crate) fn refusal(status: StatusCode, text: impl Into<Bytes>) -> Response<ResponseBody> {
    of_type(status, text, "text/plain;charset=UTF-8")
}

fn of_type(
    status: StatusCode,
    text: impl Into<Bytes>,
    content_type: &'static str,
) -> Response<ResponseBody> {
    let mut response = with_status(status, ResponseBody::full(text));
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Returns a response without headers.
pub(crate) fn with_status(status: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// Returns a JSON document.
pub(crate) fn json(document: String) -> Response<ResponseBody> {
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    uncached(document, json)
}

/// Returns a page.
pub(crate) fn html(page: String) -> Response<ResponseBody> {
    uncached(page, HeaderValue::from_static("text/html; charset=utf-8"))
}

/// Returns a JavaScript module.
pub(crate) fn script(text: impl Into<Bytes>) -> Response<ResponseBody> {
    uncached(text, content_type("client.js"))
}

/// Returns a response that browsers must not reuse without asking again.
fn uncached(content: impl Into<Bytes>, content_type: HeaderValue) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(content));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, content_type);
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Redirects to the same path with a slash at its end. The redirect is relative to the last part of the path, so it is right
/// wherever the service is mounted.
pub(crate) fn redirect_to_slash<B>(request: &Request<B>) -> Response<ResponseBody> {
    let path = request.uri().path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let query = request
        .uri()
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    redirect(StatusCode::PERMANENT_REDIRECT, &format!("./{last}/{query}"))
}

/// Returns a redirect, or 404 if `location` cannot be in a header.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response<ResponseBody> {
    let mut response = with_status(status, ResponseBody::empty());
    match HeaderValue::from_str(location) {
        Ok(location) => drop(response.headers_mut().insert(LOCATION, location)),
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}
