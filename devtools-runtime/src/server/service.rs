//! The HTTP side: one service that finds what a path is about.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use crate::function::BoxError;
use crate::host::Serving;
use crate::panel;
use crate::server::{Mount, ResponseBody, files, index, metadata, sse, websocket};

/// The functions and views of a [`DevTools`](crate::DevTools) as one service, for hyper, tower and axum.
///
/// In axum, mount it with `nest_service`:
///
/// ```
/// # use devtools_runtime::DevTools;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let app: axum::Router =
///     axum::Router::new().nest_service("/__devtools", devtools.service());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DevToolsService {
    mount: Arc<Mount>,
    names: Names,
}

/// Under which names requests are answered.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// The application that the service is mounted in knows its names.
    OfTheApplication,
    /// A server of its own has those of this machine, and the address that it is reached at.
    Own(Option<IpAddr>),
}

impl DevToolsService {
    /// A service whose paths are relative to where it is mounted.
    pub(crate) fn mounted(serving: Arc<Serving>) -> Self {
        let closing = serving.closing.clone();
        Self {
            mount: Arc::new(Mount::new(serving, "/".to_owned(), closing)),
            names: Names::OfTheApplication,
        }
    }

    /// A service that is the whole of a server. Its sessions end when `closing` is cancelled.
    pub(crate) fn standalone(serving: Arc<Serving>, closing: CancellationToken) -> Self {
        let base = serving.settings.base.clone();
        Self {
            mount: Arc::new(Mount::new(serving, base, closing)),
            names: Names::Own(None),
        }
    }

    /// The same service, for a connection to this address of the machine.
    pub(crate) fn reached_at(&self, address: IpAddr) -> Self {
        Self {
            mount: Arc::clone(&self.mount),
            names: Names::Own(Some(address)),
        }
    }

    async fn respond<B>(&self, mut request: Request<()>, body: B) -> Response<ResponseBody>
    where
        B: Body<Data: Send, Error: Into<BoxError>>,
    {
        let mount = &self.mount;
        let is_meant = match self.names {
            Names::OfTheApplication => true,
            Names::Own(address) => mount.admits_host(&request, address),
        };
        if !is_meant {
            return plain(StatusCode::FORBIDDEN, "this host is not allowed\n");
        }
        let path = request.uri().path().to_owned();
        if let Some(rest) = path.strip_prefix(&mount.base) {
            match rest.strip_suffix('/').unwrap_or(rest) {
                metadata::DOCUMENT => return self.metadata(""),
                metadata::WEBSOCKET => {
                    return websocket::upgrade(mount, &mut request);
                }
                metadata::SSE => {
                    return sse::respond(mount, &mut request, body).await;
                }
                index::DOCUMENT => {
                    let context = &mount.serving.context;
                    return json(index::document(context, &mount.base));
                }
                index::CLIENT_IMPORTS => {
                    return script(index::client_imports(&mount.serving.context));
                }
                name => {
                    if let Some(response) = files::exactly(panel::FILES, &request, name) {
                        return response;
                    }
                }
            }
        } else if mount.base.strip_suffix('/') == Some(&path) {
            return redirect_to_slash(&request);
        }
        match self.mount.serving.context.views().find(&path) {
            Some((_, None)) => redirect_to_slash(&request),
            // A page asks for the metadata beside itself (`protocol.md` 3.3).
            Some((view, Some(metadata::DOCUMENT))) => self.metadata(&self.way_back(&view.base)),
            Some((view, Some(rest))) => {
                let context = &mount.serving.context;
                files::serve(context, &view.files, &request, rest).await
            }
            None if path == "/" => self.front_door(),
            None => self.nothing_here(),
        }
    }

    /// The path from a view to the functions' mount, relative so that it holds wherever both are mounted.
    fn way_back(&self, view: &str) -> String {
        let depth = view.matches('/').count() - 1;
        format!("{}{}", "../".repeat(depth), &self.mount.base[1..])
    }

    fn metadata(&self, mount: &str) -> Response<ResponseBody> {
        json(metadata::document(&self.mount.serving.context, mount))
    }

    /// The answer to somebody who knows the server only: its page, if there is one page. Browsers keep the
    /// fragment, so that the link with a code leads there too.
    fn front_door(&self) -> Response<ResponseBody> {
        let views = self.mount.serving.context.views().bases();
        match &views[..] {
            [view] => redirect(StatusCode::TEMPORARY_REDIRECT, &format!(".{view}")),
            _ => self.nothing_here(),
        }
    }

    /// The answer to a lost visitor: which pages there are.
    fn nothing_here(&self) -> Response<ResponseBody> {
        let views = self.mount.serving.context.views().bases();
        let text = if views.is_empty() {
            "There is nothing here, and no view is hosted.\n".to_owned()
        } else {
            format!(
                "There is nothing here. These views are hosted:\n{}\n",
                views.join("\n")
            )
        };
        plain(StatusCode::NOT_FOUND, &text)
    }
}

/// A response of plain text.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(text.to_owned()));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// A document that may be another one the next time.
fn json(document: String) -> Response<ResponseBody> {
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    of_now(document, json)
}

/// A module that may be another one the next time.
fn script(text: impl Into<Bytes>) -> Response<ResponseBody> {
    of_now(text, files::content_type("client.js"))
}

fn of_now(content: impl Into<Bytes>, content_type: HeaderValue) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Relative to the last part of the path, so that it holds wherever the service is mounted.
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

fn redirect(status: StatusCode, location: &str) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = status;
    match HeaderValue::from_str(location) {
        Ok(location) => drop(response.headers_mut().insert(LOCATION, location)),
        Err(_) => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

impl<B> Service<Request<B>> for DevToolsService
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        // Apart from the rest of the request, the body need not be `Sync`.
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head, ());
        Box::pin(async move { Ok(service.respond(request, body).await) })
    }
}

impl fmt::Debug for DevToolsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevToolsService")
            .field("base", &self.mount.base)
            .finish_non_exhaustive()
    }
}
