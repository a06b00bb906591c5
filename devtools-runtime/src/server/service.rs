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
use crate::host::{Serving, SessionTransport};
use crate::panel;
use crate::server::access::{Access, Addresses, Visit};
use crate::server::{
    Mount, ResponseBody, files, front_page, headers, index, metadata, sse, websocket,
};

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
///
/// The address that it is mounted at shows a page with the views, and `client.js` lies beside it: a page of a view
/// `/__panel/` imports `'../client.js'`, where it would import `'../__devtools/client.js'` from a server of its own.
#[derive(Clone)]
pub struct DevToolsService {
    mount: Arc<Mount>,
    place: Place,
}

/// Where requests come from, and what of the address the service does not see.
#[derive(Debug, Clone)]
enum Place {
    /// An application, which may have mounted the service below a path. It begins with a slash and ends without.
    Mounted(Option<Arc<str>>),
    /// A connection to a server of its own, to this address of the machine.
    Own(Option<IpAddr>),
}

impl DevToolsService {
    /// A service whose paths are relative to where it is mounted.
    pub(crate) fn mounted(serving: Arc<Serving>) -> Self {
        let closing = serving.closing.clone();
        let access = Access::mounted(serving);
        Self {
            mount: Arc::new(Mount::new(access, "/".to_owned(), closing)),
            place: Place::Mounted(None),
        }
    }

    /// A service that is the whole of a server. Its sessions end when `closing` is cancelled.
    pub(crate) fn standalone(
        serving: Arc<Serving>,
        addresses: Arc<Addresses>,
        closing: CancellationToken,
    ) -> Self {
        let base = serving.settings.base.clone();
        let access = Access::standalone(serving, addresses);
        Self {
            mount: Arc::new(Mount::new(access, base, closing)),
            place: Place::Own(None),
        }
    }

    /// The same service, for a connection to this address of the machine.
    pub(crate) fn reached_at(&self, address: IpAddr) -> Self {
        Self {
            mount: Arc::clone(&self.mount),
            place: Place::Own(Some(address)),
        }
    }

    /// Says below which path the application has mounted the service, such as `/tools/lens`, for links that sign a page in.
    ///
    /// Browsers tell the service where its pages are, so it only matters for a page that hides where it is, with the
    /// referrer policy `no-referrer`.
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let devtools = DevTools::builder().build().await?;
    /// let service = devtools.service().mounted_at("/tools/lens");
    /// let app: axum::Router = axum::Router::new().nest_service("/tools/lens", service);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn mounted_at(self, path: &str) -> Self {
        let path = path.trim_matches('/');
        let path = if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        };
        Self {
            place: Place::Mounted(Some(path.into())),
            ..self
        }
    }

    async fn respond<B>(&self, mut request: Request<()>, body: B) -> Response<ResponseBody>
    where
        B: Body<Data: Send, Error: Into<BoxError>>,
    {
        let mount = &self.mount;
        let reached = match self.place {
            Place::Mounted(_) => None,
            Place::Own(address) => address,
        };
        let (mut response, reader) = match mount.access.visit(&request, reached) {
            Ok(visit) => {
                let response = self.answer(&mut request, &visit, body).await;
                (response, visit.reader().cloned())
            }
            Err(refusal) => (refusal.into_response(), None),
        };
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            headers::add(&mut response, reader.as_ref(), &mount.framing);
        }
        response
    }

    /// The answer to a request for a host of this server.
    async fn answer<B>(
        &self,
        request: &mut Request<()>,
        visit: &Visit,
        body: B,
    ) -> Response<ResponseBody>
    where
        B: Body<Data: Send, Error: Into<BoxError>>,
    {
        let mount = &self.mount;
        let path = request.uri().path().to_owned();
        let in_mount = path.strip_prefix(&mount.base);
        let name = in_mount.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let is_transport = matches!(name, Some(metadata::WEBSOCKET | metadata::SSE));
        if (is_transport || headers::is_preflight(request)) && !visit.is_admitted() {
            return mount.access.refuse(visit).into_response();
        }
        let arrive = |transport| {
            move |request: &mut Request<()>| {
                let path = self.path_of_mount();
                mount.arrival(request, visit, path.as_deref(), transport)
            }
        };
        match name {
            Some(metadata::WEBSOCKET) => {
                return websocket::upgrade(mount, request, arrive(SessionTransport::WebSocket));
            }
            Some(metadata::SSE) => {
                return sse::respond(mount, request, body, arrive(SessionTransport::Sse)).await;
            }
            _ if headers::is_preflight(request) => {
                return headers::preflight(request, headers::READING);
            }
            _ => {}
        }
        match name.and_then(|name| self.document(request, visit, name)) {
            Some(document) if headers::only_reads(request) => return document,
            Some(_) => return headers::method_not_allowed(),
            None if in_mount.is_none() && mount.base.strip_suffix('/') == Some(&path) => {
                return redirect_to_slash(request);
            }
            None => {}
        }
        match mount.serving.context.views().find(&path) {
            Some((_, None)) => redirect_to_slash(request),
            // A page asks for the metadata beside itself (`docs/protocol.md` 3.3).
            Some((_, Some(metadata::DOCUMENT))) if !headers::only_reads(request) => {
                headers::method_not_allowed()
            }
            Some((view, Some(metadata::DOCUMENT))) => {
                mount.access.remember_page(request, visit);
                self.metadata(&self.way_back(&view.base))
            }
            Some((view, Some(rest))) => {
                let context = &mount.serving.context;
                files::serve(context, &view.files, request, rest).await
            }
            None if path != "/" && path != mount.base => self.nothing_here(),
            None if !headers::only_reads(request) => headers::method_not_allowed(),
            None => self.front_door(&path),
        }
    }

    /// What lies in the mount beside the transports, by its name.
    fn document(
        &self,
        request: &Request<()>,
        visit: &Visit,
        name: &str,
    ) -> Option<Response<ResponseBody>> {
        let context = &self.mount.serving.context;
        match name {
            metadata::DOCUMENT => {
                self.mount.access.remember_page(request, visit);
                Some(self.metadata(""))
            }
            index::DOCUMENT => Some(json(index::document(context, &self.mount.base))),
            index::CLIENT_IMPORTS => Some(script(index::client_imports(context))),
            name => files::exactly(panel::FILES, request, name),
        }
    }

    /// The path of the functions' mount on its server, if it is known.
    fn path_of_mount(&self) -> Option<String> {
        match &self.place {
            Place::Mounted(path) => Some(format!("{}/", path.as_deref()?)),
            Place::Own(_) => Some(self.mount.base.clone()),
        }
    }

    /// The path from a view to the functions' mount, relative so that it holds wherever both are mounted.
    fn way_back(&self, view: &str) -> String {
        way_up(view) + &self.mount.base[1..]
    }

    fn metadata(&self, mount: &str) -> Response<ResponseBody> {
        json(metadata::document(&self.mount.serving.context, mount))
    }

    /// The answer to somebody who knows the server or the mount only: the view, if there is one view, or else the page of the
    /// mount. Browsers keep the fragment, so that a link with a code leads there too.
    fn front_door(&self, path: &str) -> Response<ResponseBody> {
        let base = &self.mount.base;
        let context = &self.mount.serving.context;
        let page = || html(front_page::document(context, &way_up(base)));
        if matches!(self.place, Place::Mounted(_)) {
            // The address may lack its last slash, which nobody here can see: no relative redirect is right for both.
            return page();
        }
        match &context.views().bases()[..] {
            [view] => {
                let location = format!("./{}{}", way_up(path), &view[1..]);
                redirect(StatusCode::TEMPORARY_REDIRECT, &location)
            }
            _ if path == base => page(),
            _ => redirect(StatusCode::TEMPORARY_REDIRECT, &format!(".{base}")),
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

/// The way from a folder, whose path begins and ends with a slash, to the root.
fn way_up(folder: &str) -> String {
    "../".repeat(folder.matches('/').count() - 1)
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

/// A page that may be another one the next time.
fn html(page: String) -> Response<ResponseBody> {
    of_now(page, HeaderValue::from_static("text/html; charset=utf-8"))
}

/// A module that may be another one the next time.
fn script(text: impl Into<Bytes>) -> Response<ResponseBody> {
    of_now(text, files::content_type("client.js"))
}

fn of_now(content: impl Into<Bytes>, content_type: HeaderValue) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(content));
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, content_type);
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
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
