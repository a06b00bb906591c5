//! The way in: a program builds its [`DevTools`], and serves it.

mod builder;
mod error;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::DevToolsContext;

pub use self::builder::{Auth, DevToolsBuilder};
pub use self::error::BuildError;

/// A program's functions, views and plugins, ready to be served. Cloning is cheap and gives the same.
///
/// Serve it on its own ([`serve`](Self::serve), [`bind`](Self::bind)), mount it into any hyper, tower
/// or axum application ([`service`](Self::service)), or connect in memory ([`client`](Self::client)).
///
/// ```
/// use devtools_runtime::{Auth, DevTools, rpc_function};
///
/// /// Adds two numbers.
/// #[rpc_function(name = "my-plugin:add")]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().auth(Auth::None).build().await?;
/// let rpc = devtools.client();
/// assert_eq!(Add::call(&rpc, 2, 3).await?, 5);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DevTools(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    context: DevToolsContext,
    settings: ServingSettings,
    connections: Connections,
}

/// What only serving needs to know.
#[derive(Debug)]
pub(crate) struct ServingSettings {
    /// Where the functions are mounted: begins and ends with a slash.
    pub(crate) base: String,
    /// Origins allowed besides loopback ones, as `scheme://host[:port]`.
    pub(crate) allowed_origins: Vec<String>,
    /// Names the server answers under besides loopback ones, without a port.
    pub(crate) allowed_hosts: Vec<String>,
}

/// The tasks of the connections, the token that ends them all, and where POSTs find their session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections {
    pub(crate) tasks: TaskTracker,
    pub(crate) closing: CancellationToken,
    #[cfg(feature = "server")]
    pub(crate) sse: crate::server::SseSessions,
}

impl DevTools {
    /// Begins to build one.
    pub fn builder() -> DevToolsBuilder {
        DevToolsBuilder::new()
    }

    fn new(context: DevToolsContext, settings: ServingSettings) -> Self {
        Self(Arc::new(Inner {
            context,
            settings,
            connections: Connections::default(),
        }))
    }

    /// The context that the functions run in.
    pub fn context(&self) -> &DevToolsContext {
        &self.0.context
    }

    /// Ends all connections, and waits until their calls have ended, for
    /// [`Limits::grace`](crate::Limits::grace) at most.
    ///
    /// No connection is taken afterwards.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting; the connections end all the same.
    pub async fn shutdown(&self) {
        self.0.connections.closing.cancel();
        self.0.connections.tasks.close();
        // A connection takes as long to say farewell; what is left then is an action that hangs.
        let grace = self.context().limits().grace * 2;
        if tokio::time::timeout(grace, self.0.connections.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                ?grace,
                "calls that did not end in time are dropped with the program"
            );
        }
    }

    /// A client of these functions inside the process: no socket, the same wire.
    ///
    /// The connection ends with its last handle, or when the last clone of this `DevTools` is dropped.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client(&self) -> crate::DevToolsRpcClient {
        let (near, far) = crate::peer::memory_pair();
        let context = self.context().clone();
        let closing = self.0.connections.closing.child_token();
        self.0.connections.tasks.spawn(async move {
            let kind = crate::SessionTransport::Local;
            context.serve_connection(far, kind, closing).await;
        });
        crate::DevToolsRpcClient::in_memory(near, self.context().limits())
    }

    #[cfg(feature = "server")]
    pub(crate) fn settings(&self) -> &ServingSettings {
        &self.0.settings
    }

    #[cfg(feature = "server")]
    pub(crate) fn connections(&self) -> &Connections {
        &self.0.connections
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.connections.closing.cancel();
    }
}

#[cfg(feature = "server")]
impl DevTools {
    /// Takes connections at `address`, such as `127.0.0.1:7812`, or port 0 for any free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or must not be: without authentication only loopback ones may.
    pub async fn bind(
        &self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<crate::Server, crate::ServeError> {
        crate::Server::bind(self.clone(), address).await
    }

    /// Serves at `address` until the process is told to end (SIGINT, SIGTERM).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn serve(
        &self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<(), crate::ServeError> {
        self.bind(address).await?.run().await;
        Ok(())
    }

    /// The functions and views as a service, to be mounted into an application.
    ///
    /// The service takes paths as its application gives them: relative to where it is mounted. In axum
    /// mount it with `nest_service`.
    pub fn service(&self) -> crate::DevToolsService {
        crate::DevToolsService::mounted(self.clone())
    }
}
