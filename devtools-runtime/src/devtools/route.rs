//! Routes that a program adds to its mount.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::{Request, Response};

use crate::devtools::handle::DevTools;
use crate::host::DevToolsContext;
use crate::server::{Admitted, RequestBody, ResponseBody, RouteEntry, Routes};

/// A route beside those of the functions, such as `__mcp`: another protocol through which the functions are called.
///
/// A request reaches the route only if the server answers to its host, if the page that sends it may connect, and if it has a token
/// of the gate, as `Authorization: Bearer TOKEN`. Without a gate, no token is needed.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::context::{Route, RouteRequest};
/// use devtools_runtime::server::ResponseBody;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let route = Route::new("__count", |request: RouteRequest| async move {
///     let functions = request.devtools().context().rpc().list();
///     http::Response::new(ResponseBody::from(functions.len().to_string()))
/// });
/// devtools.context().add_route(route)?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a route answers once a context has it"]
pub struct Route(RouteEntry);

impl Route {
    /// Creates a route at a path below the mount, which `respond` answers.
    pub fn new<F, Fut>(path: &str, respond: F) -> Self
    where
        F: Fn(RouteRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response<ResponseBody>> + Send + 'static,
    {
        Self(RouteEntry {
            path: path.trim_matches('/').to_owned(),
            metadata: None,
            respond: Box::new(move |serving, admitted| {
                let devtools = DevTools(serving);
                Box::pin(respond(RouteRequest { devtools, admitted }))
            }),
        })
    }

    /// Announces the route in the metadata, as `"<name>": {"path": …}`
    /// ([protocol 3.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#32-the-metadata)).
    pub fn announced_as(mut self, name: impl Into<String>) -> Self {
        self.0.metadata = Some(name.into());
        self
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Route").field(&self.0.path).finish()
    }
}

/// The error of [`DevToolsContext::add_route`]: the context already has a route with this path.
///
/// ```
/// # use devtools_runtime::DevTools;
/// use devtools_runtime::context::{Route, RouteRequest};
/// use devtools_runtime::server::ResponseBody;
///
/// fn health() -> Route {
///     Route::new("__health", |_request: RouteRequest| async {
///         http::Response::new(ResponseBody::from("fine".to_owned()))
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// devtools.context().add_route(health())?;
/// let again = devtools.context().add_route(health()).unwrap_err();
/// assert_eq!(again.0, "__health");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is a route `{0}` already: give one of the two another path")]
pub struct DuplicateRoute(pub String);

impl DevToolsContext {
    /// Adds a route beside those of the functions, at every server and mount of this context.
    ///
    /// # Errors
    ///
    /// If there is a route with the same path.
    pub fn add_route(&self, route: Route) -> Result<(), DuplicateRoute> {
        let path = route.0.path.clone();
        if Routes::of(self).add(route.0) {
            Ok(())
        } else {
            Err(DuplicateRoute(path))
        }
    }
}

/// A request to a [`Route`], whose host, origin and token were checked.
///
/// ```
/// use devtools_runtime::context::{Route, RouteRequest};
/// use devtools_runtime::server::ResponseBody;
///
/// /// Answers with the name of the token and the path that was requested.
/// fn whoami() -> Route {
///     Route::new("__whoami", |request: RouteRequest| async move {
///         let name = request.token_name().unwrap_or("nobody").to_owned();
///         let path = request.into_http().uri().path().to_owned();
///         http::Response::new(ResponseBody::from(format!("{name} asked for {path}")))
///     })
/// }
/// ```
#[derive(Debug)]
pub struct RouteRequest {
    devtools: DevTools,
    admitted: Admitted,
}

impl RouteRequest {
    /// Returns the program that is served. Do not keep it longer than the response: its connections end when the last one is dropped.
    pub fn devtools(&self) -> &DevTools {
        &self.devtools
    }

    /// Connects a client inside the process with the roles of the token that came with the request, and with no roles if there is
    /// no gate. Its calls are calls of a session: they pass the layers, the limits and the checks of roles.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client(&self) -> crate::DevToolsRpcClient {
        self.devtools.open_client(crate::host::Arrival::local_as(
            self.admitted.identity.clone(),
        ))
    }

    /// Returns the name of the token that came with the request, if it has one.
    pub fn token_name(&self) -> Option<&str> {
        self.admitted.identity.name.as_deref()
    }

    /// Returns the roles of the token that came with the request.
    pub fn roles(&self) -> &[String] {
        &self.admitted.identity.roles
    }

    /// Returns the address that the request comes from, if it is known, as
    /// [`RpcSession::address`](crate::RpcSession::address) does.
    pub fn address(&self) -> Option<IpAddr> {
        let address = self.admitted.request.extensions().get::<SocketAddr>();
        address.map(SocketAddr::ip)
    }

    /// Returns the HTTP request. Its path is as the server received it.
    pub fn into_http(self) -> Request<RequestBody> {
        self.admitted.request
    }
}
