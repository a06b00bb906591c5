//! The HTTP service, which routes requests to functions, views and documents.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use crate::function::BoxError;
#[cfg(feature = "inspector")]
use crate::host::Files;
use crate::host::{DevToolsContext, Serving, SessionTransport};
#[cfg(feature = "inspector")]
use crate::inspector;
use crate::panel;
use crate::server::access::{AccessRules, Addresses, Visit};
use crate::server::body::{RequestBody, ResponseBody};
use crate::server::incoming::{BodyLimits, LimitedBody, Unread};
use crate::server::mount::Mount;
use crate::server::response::{html, json, plain, redirect, redirect_to_slash, script};
use crate::server::routes::{self, Routes};
use crate::server::{call, files, front_page, headers, index, metadata, sse, websocket};

/// An HTTP service with the functions and views of a [`DevTools`](crate::DevTools), for hyper, tower and axum.
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
/// The path of the mount shows a page that lists the views. A page of a view imports `'./__client.js'`, which lies
/// beside it wherever the service is mounted. Tell the path to
/// [`DevToolsBuilder::root_path`](crate::DevToolsBuilder::root_path), so that docks and sign-in links are below it.
#[derive(Clone)]
pub struct DevToolsService {
    mount: Arc<Mount>,
    origin: RequestSource,
}

/// The server that requests come from.
#[derive(Debug, Clone)]
enum RequestSource {
    /// An application that has mounted the service.
    Application,
    /// This crate's own server, with the local address that the connection came to.
    OwnServer(Option<IpAddr>),
}

impl DevToolsService {
    /// Creates a service for an application. Its paths are relative to the mount.
    pub(crate) fn mounted(serving: Arc<Serving>) -> Self {
        let closing = serving.closing.clone();
        let access = AccessRules::mounted(serving);
        Self {
            mount: Arc::new(Mount::new(access, "/".to_owned(), closing)),
            origin: RequestSource::Application,
        }
    }

    /// Creates the service of this crate's own server. Its sessions end when `closing` is cancelled.
    pub(crate) fn standalone(
        serving: Arc<Serving>,
        addresses: Arc<Addresses>,
        closing: CancellationToken,
    ) -> Self {
        let base = serving.settings.base.clone();
        let access = AccessRules::standalone(serving, addresses);
        Self {
            mount: Arc::new(Mount::new(access, base, closing)),
            origin: RequestSource::OwnServer(None),
        }
    }

    /// Returns the same service for a connection that came to this local address.
    pub(crate) fn reached_at(&self, address: IpAddr) -> Self {
        Self {
            mount: Arc::clone(&self.mount),
            origin: RequestSource::OwnServer(Some(address)),
        }
    }

    async fn respond<B>(&self, mut request: Request<()>, body: B) -> Response<ResponseBody>
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let mount = &self.mount;
        let reached = match self.origin {
            RequestSource::Application => None,
            RequestSource::OwnServer(address) => address,
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

    /// Answers a request whose host was checked.
    async fn answer<B>(
        &self,
        request: &mut Request<()>,
        visit: &Visit,
        body: B,
    ) -> Response<ResponseBody>
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let mount = &self.mount;
        let path = request.uri().path().to_owned();
        let in_mount = path.strip_prefix(&mount.base);
        let name = in_mount.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let called = name.and_then(call::function);
        let route = name.and_then(|name| Routes::of(&mount.serving.context).find(name));
        let calls = route.is_some()
            || called.is_some()
            || matches!(name, Some(metadata::WEBSOCKET | metadata::SSE));
        if (calls || headers::is_preflight(request)) && !visit.is_admitted() {
            return mount.access.refuse(visit).into_response();
        }
        if let Some(route) = route {
            let context = &mount.serving.context;
            let limits = BodyLimits::of(context, context.limits().frame_bytes);
            let body = LimitedBody::new(Box::pin(body), limits);
            if body.is_too_large() {
                let text = Unread::TooLarge.to_string();
                return plain(StatusCode::PAYLOAD_TOO_LARGE, &text);
            }
            let request = std::mem::take(request).map(|()| RequestBody::new(body));
            return routes::respond(&route, mount, request).await;
        }
        let arrive = |transport| {
            move |request: &mut Request<()>| {
                let path = self.path_of_mount();
                mount.arrival(request, visit, path.as_deref(), transport)
            }
        };
        if let Some(function) = called {
            let arrive = arrive(SessionTransport::Http);
            return call::respond(mount, request, body, function, arrive).await;
        }
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
        #[cfg(feature = "inspector")]
        if let Some(path) = in_mount.and_then(|path| self.in_inspector(path)) {
            let inspector::PagePath::Inside(path) = path else {
                return redirect_to_slash(request);
            };
            let files = Files::Embedded(inspector::FILES);
            return files::serve(&mount.serving.context, &files, request, path).await;
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
            // A page requests the metadata relative to its own address (`docs/protocol.md` 3.3).
            Some((_, Some(metadata::DOCUMENT))) if !headers::only_reads(request) => {
                headers::method_not_allowed()
            }
            Some((view, Some(metadata::DOCUMENT))) => {
                mount.access.remember_page(request, visit);
                self.metadata(&self.path_from_view(&view.base))
            }
            Some((view, Some(rest))) => {
                let (scripts, name) = panel::beside_view(rest);
                let script = files::exactly(scripts, request, name);
                if let Some(script) = script.filter(|_| headers::only_reads(request)) {
                    return script;
                }
                let context = &mount.serving.context;
                files::serve(context, &view.files, request, rest).await
            }
            None if path != "/" && path != mount.base => self.not_found(),
            None if !headers::only_reads(request) => headers::method_not_allowed(),
            None => self.start_page(&path),
        }
    }

    /// Returns the path in the folder of the inspector, if there is one and `in_mount`, a path in the mount, leads there.
    #[cfg(feature = "inspector")]
    fn in_inspector<'p>(&self, in_mount: &'p str) -> Option<inspector::PagePath<'p>> {
        let path = inspector::path_in_folder(in_mount)?;
        has_inspector(&self.mount.serving.context).then_some(path)
    }

    /// Returns a document or script of the mount by its name.
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

    /// Returns the path of the mount as browsers see it, if it is known.
    fn path_of_mount(&self) -> Option<String> {
        let context = &self.mount.serving.context;
        let root = match self.origin {
            RequestSource::Application => context.settings().options.root_path.as_deref()?,
            RequestSource::OwnServer(_) => context.root_path(),
        };
        Some(format!("{root}{}", self.mount.base))
    }

    /// Returns the relative path from a view to the mount, which is right under whatever path the application mounts both.
    fn path_from_view(&self, view: &str) -> String {
        path_to_root(view) + &self.mount.base[1..]
    }

    fn metadata(&self, mount: &str) -> Response<ResponseBody> {
        json(metadata::document(&self.mount.serving.context, mount))
    }

    /// Answers a request for the root of the server or the mount. If there is exactly one view, the root redirects to
    /// it, and so does the mount, unless there is an inspector for the start page to lead to. Otherwise the answer is
    /// the start page. Browsers keep the fragment in a redirect, so a link with a code works too.
    fn start_page(&self, path: &str) -> Response<ResponseBody> {
        let base = &self.mount.base;
        let context = &self.mount.serving.context;
        let has_inspector = has_inspector(context);
        let page = || {
            html(front_page::document(
                context,
                &path_to_root(base),
                has_inspector,
            ))
        };
        if matches!(self.origin, RequestSource::Application) {
            // The service cannot see whether the address ends with a slash, and a relative redirect would depend on it.
            return page();
        }
        match &context.views().bases()[..] {
            [view] if path != base || !has_inspector => {
                let location = format!("./{}{}", path_to_root(path), &view[1..]);
                redirect(StatusCode::TEMPORARY_REDIRECT, &location)
            }
            _ if path == base => page(),
            _ => redirect(StatusCode::TEMPORARY_REDIRECT, &format!(".{base}")),
        }
    }

    /// Returns the answer 404, which lists the views.
    fn not_found(&self) -> Response<ResponseBody> {
        let views = self.mount.serving.context.views().bases();
        let text = if views.is_empty() {
            "There is no page at this address. The server hosts no views.\n".to_owned()
        } else {
            format!(
                "There is no page at this address. The server hosts these views:\n{}\n",
                views.join("\n")
            )
        };
        plain(StatusCode::NOT_FOUND, &text)
    }
}

/// Returns whether the servers of a context have an inspector.
#[cfg(feature = "inspector")]
fn has_inspector(context: &DevToolsContext) -> bool {
    inspector::is_shown(context)
}

#[cfg(not(feature = "inspector"))]
const fn has_inspector(_context: &DevToolsContext) -> bool {
    false
}

/// Returns the relative path from a folder to the root. The folder's path begins and ends with a slash.
fn path_to_root(folder: &str) -> String {
    "../".repeat(folder.matches('/').count() - 1)
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
        // The body is separated from the request so that it need not be `Sync`.
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head, ());
        Box::pin(async move { Ok(service.respond(request, body).await) })
    }
}

crate::debug_impl! { DevToolsService as it { base: it.mount.base, .. } }
