//! Routes that a program adds to a mount, beside those of the functions.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};

use crate::function::PluginState;
use crate::host::{ClientIdentity, DevToolsContext, Serving};
use crate::server::bearer::bearer;
use crate::server::body::{RequestBody, ResponseBody};
use crate::server::headers;
use crate::server::mount::Mount;
use crate::server::response::refusal;

/// The methods that pages may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");

/// The routes of a context.
#[derive(Debug, Default)]
pub(crate) struct Routes(RwLock<Vec<Arc<RouteEntry>>>);

impl PluginState for Routes {}

/// A route.
pub(crate) struct RouteEntry {
    /// The path below the mount, without slashes around it.
    pub(crate) path: String,
    /// The member of the metadata that has the path.
    pub(crate) metadata: Option<String>,
    pub(crate) respond: Respond,
}

/// A function that answers the requests of a route.
pub(crate) type Respond = Box<dyn Fn(Arc<Serving>, Admitted) -> Responding + Send + Sync>;

pub(crate) type Responding = Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>;

/// A request whose host, origin and token were checked.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) request: Request<RequestBody>,
    /// The identity that belongs to the token, or one without roles if there is no gate.
    pub(crate) identity: ClientIdentity,
}

impl Routes {
    pub(crate) fn of(context: &DevToolsContext) -> &Self {
        context.own_state()
    }

    /// Adds a route. Returns `false` if there is one with this path already.
    pub(crate) fn add(&self, route: RouteEntry) -> bool {
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = routes.iter().all(|it| it.path != route.path);
        if is_new {
            routes.push(Arc::new(route));
        }
        is_new
    }

    pub(crate) fn find(&self, path: &str) -> Option<Arc<RouteEntry>> {
        let routes = self.list();
        routes.into_iter().find(|it| it.path == path)
    }

    /// Returns the routes in the order in which they were added.
    pub(crate) fn list(&self) -> Vec<Arc<RouteEntry>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

crate::debug_impl! { RouteEntry { path, .. } }

/// Answers a request whose host and origin were checked, if its token is valid or there is no gate.
pub(crate) async fn respond(
    route: &RouteEntry,
    mount: &Mount,
    request: Request<RequestBody>,
) -> Response<ResponseBody> {
    if headers::is_preflight(&request) {
        let asked = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS);
        let asked = asked.cloned().unwrap_or(headers::READ_HEADERS);
        return headers::preflight_with(&request, METHODS, asked);
    }
    match identity(&mount.serving.context, request.headers()).await {
        Ok(identity) => {
            let admitted = Admitted { request, identity };
            (route.respond)(Arc::clone(&mount.serving), admitted).await
        }
        Err(refused) => *refused,
    }
}

/// Returns the identity of a client, or the refusal of one without a valid token.
async fn identity(
    context: &DevToolsContext,
    headers: &HeaderMap,
) -> Result<ClientIdentity, Box<Response<ResponseBody>>> {
    let Some(trust) = context.trust() else {
        return Ok(ClientIdentity::default());
    };
    let Some(token) = bearer(headers) else {
        let text = "this route needs a token: send the header `Authorization: Bearer TOKEN` with a token of the gate\n";
        return Err(Box::new(unauthorized(text)));
    };
    match trust.knows(token).await {
        Ok(true) => Ok(trust.identity(token).as_ref().clone()),
        Ok(false) => Err(Box::new(unauthorized(
            "the gate does not know this token\n",
        ))),
        Err(error) => {
            tracing::warn!(%error, "could not look up a token");
            let text = "the token could not be looked up\n";
            Err(Box::new(refusal(StatusCode::SERVICE_UNAVAILABLE, text)))
        }
    }
}

fn unauthorized(text: &'static str) -> Response<ResponseBody> {
    let mut refused = refusal(StatusCode::UNAUTHORIZED, text);
    let bearer = HeaderValue::from_static("Bearer");
    refused.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    refused
}
