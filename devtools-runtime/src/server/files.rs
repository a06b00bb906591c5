//! Serving the files of a view.

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::host::{EmbeddedFile, Files};
use crate::server::ResponseBody;
use crate::server::service::plain;

/// Answers a request for `path` within a view.
#[cfg_attr(
    not(feature = "static-files"),
    expect(clippy::unused_async, reason = "only the disk is waited for")
)]
pub(crate) async fn serve<B>(
    files: &Files,
    request: &Request<B>,
    path: &str,
) -> Response<ResponseBody> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
        refused
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    match files {
        Files::Embedded(files) => {
            let path = if path.is_empty() { "index.html" } else { path };
            embedded(files, path).unwrap_or_else(|| plain(StatusCode::NOT_FOUND, "no such file"))
        }
        #[cfg(feature = "static-files")]
        Files::Folder(folder) => from_folder(folder, request, path).await,
        #[cfg(not(feature = "static-files"))]
        Files::Folder(_) => plain(StatusCode::NOT_FOUND, "no such file"),
    }
}

/// The file of this name, if it is among these.
pub(crate) fn embedded(files: &[EmbeddedFile], path: &str) -> Option<Response<ResponseBody>> {
    let file = files.iter().find(|file| file.path == path)?;
    let mut response = Response::new(ResponseBody::full(file.content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type(path));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}

/// The type a file is served as; text is UTF-8.
fn content_type(path: &str) -> HeaderValue {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    let essence = mime.essence_str();
    let is_text =
        mime.type_() == "text" || essence.ends_with("javascript") || essence.ends_with("json");
    let text = if is_text {
        format!("{essence}; charset=utf-8")
    } else {
        essence.to_owned()
    };
    // Types of the table are printable.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(feature = "static-files")]
async fn from_folder<B>(
    folder: &std::path::Path,
    request: &Request<B>,
    path: &str,
) -> Response<ResponseBody> {
    use tower_http::services::ServeDir;

    let mut inner = Request::new(http_body_util::Empty::<bytes::Bytes>::new());
    *inner.method_mut() = request.method().clone();
    inner.headers_mut().clone_from(request.headers());
    // A path that is part of a valid URI is one itself.
    match format!("/{path}").parse() {
        Ok(uri) => *inner.uri_mut() = uri,
        Err(_) => return plain(StatusCode::NOT_FOUND, "no such file"),
    }
    match ServeDir::new(folder).try_call(inner).await {
        Ok(response) => {
            let mut response = response.map(ResponseBody::wrap);
            response
                .headers_mut()
                .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Err(error) => {
            tracing::warn!(%error, path, "a file could not be read");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the file could not be read",
            )
        }
    }
}
