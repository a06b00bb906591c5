//! The way in: a program builds its [`DevTools`], and serves it.

mod builder;
mod error;
mod registered;
#[cfg(feature = "server")]
mod serve_error;
#[cfg(feature = "server")]
mod server;

use std::sync::Arc;

#[cfg(feature = "client")]
use crate::host::Arrival;
use crate::host::{DevToolsContext, Serving, ServingSettings};

pub use self::builder::DevToolsBuilder;
pub use self::error::BuildError;
pub use self::registered::{assert_function_registered, assert_registered};
#[cfg(feature = "server")]
pub use self::serve_error::ServeError;
#[cfg(feature = "cli")]
pub(crate) use self::server::EndSignals;
#[cfg(feature = "server")]
pub use self::server::Server;

/// A program's functions, views and plugins, ready to be served. Cloning is cheap and gives the same.
///
/// Serve it on its own ([`serve`](Self::serve), [`bind`](Self::bind)), mount it into any hyper, tower
/// or axum application ([`service`](Self::service)), or connect in memory ([`client`](Self::client)).
///
/// ```
/// use devtools_runtime::{DevTools, rpc_function};
///
/// /// Adds two numbers.
/// #[rpc_function(name = "my-plugin:add")]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let rpc = devtools.client();
/// assert_eq!(Add::call(&rpc, 2, 3).await?, 5);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DevTools(Arc<Serving>);

impl DevTools {
    /// Begins to build one.
    pub fn builder() -> DevToolsBuilder {
        DevToolsBuilder::new()
    }

    fn new(context: DevToolsContext, settings: ServingSettings) -> Self {
        Self(Arc::new(Serving::new(context, settings)))
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
        self.0.shutdown().await;
    }

    /// The one-time code that is good now, for a program that shows it itself. `None` without a gate, or if the
    /// operating system has no randomness to make one of.
    pub fn auth_code(&self) -> Option<String> {
        let code = self.context().trust()?.code();
        code.inspect_err(|error| tracing::warn!(%error, "no code could be made"))
            .ok()
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
        let place = context.reserve_anyway();
        let closing = self.0.closing.child_token();
        self.0.tasks.spawn(async move {
            context
                .serve_connection(far, Arrival::local(), place, closing)
                .await;
        });
        crate::DevToolsRpcClient::over(near, self.context().limits())
    }
}

#[cfg(feature = "server")]
impl DevTools {
    /// Takes connections at `address`, such as `127.0.0.1:7812`, or port 0 for any free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or must not be: with [`Auth::None`](crate::Auth::None) only loopback ones may.
    pub async fn bind(
        &self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<Server, ServeError> {
        let listening = crate::server::Listening::bind(Arc::clone(&self.0), address).await?;
        Ok(Server::new(self.clone(), listening))
    }

    /// Serves at `address` until the process is told to end (SIGINT, SIGTERM).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn serve(&self, address: impl tokio::net::ToSocketAddrs) -> Result<(), ServeError> {
        self.bind(address).await?.run().await;
        Ok(())
    }

    /// The functions and views as a service, to be mounted into an application.
    ///
    /// The service takes paths as its application gives them: relative to where it is mounted. In axum
    /// mount it with `nest_service`.
    pub fn service(&self) -> crate::DevToolsService {
        crate::DevToolsService::mounted(Arc::clone(&self.0))
    }
}
