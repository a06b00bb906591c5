//! A program that is ready to be served.

use std::sync::Arc;

#[cfg(feature = "server")]
use crate::devtools::end_signals::EndSignals;
use crate::host::{DevToolsContext, FleetMembership, Serving, ServingSettings, work};

/// A program's functions, views and plugins, ready to be served. Clones share the same state.
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
pub struct DevTools(pub(super) Arc<Serving>);

impl DevTools {
    /// Returns the service of a server of its own that has these addresses, for fuzz targets.
    #[cfg(feature = "_fuzz")]
    pub(crate) fn standalone(
        &self,
        addresses: Arc<crate::server::Addresses>,
    ) -> crate::server::DevToolsService {
        crate::server::DevToolsService::standalone(
            Arc::clone(&self.0),
            addresses,
            self.0.closing.clone(),
        )
    }

    pub(super) fn new(
        context: DevToolsContext,
        settings: ServingSettings,
        joined: FleetMembership,
    ) -> Self {
        Self(Arc::new(Serving::new(context, settings, joined)))
    }

    /// Returns the context that the functions run in.
    pub fn context(&self) -> &DevToolsContext {
        &self.0.context
    }

    /// Closes all connections, and waits until their calls have ended, at most for
    /// [`Limits::grace`](crate::Limits::grace).
    ///
    /// No connection is accepted afterwards.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops waiting. The connections close anyway.
    pub async fn shutdown(&self) {
        self.0.shutdown().await;
    }

    /// Runs the functions of this program for the clients of other processes, without an HTTP port, until the process
    /// receives SIGINT or SIGTERM, and then shuts down. A call of [`shutdown`](Self::shutdown) ends it too. Without
    /// the feature `server`, it does not listen for signals.
    ///
    /// The processes with the same [backplane](crate::DevToolsBuilder::backplane) that [use workers](crate::DevToolsBuilder::use_workers) offer the functions
    /// that this program has when it begins to work. At most [`Limits::calls_in_flight`](crate::Limits::calls_in_flight) calls run at the same time.
    /// When it ends, it takes no new calls, and waits for the running ones for the time
    /// [`Limits::grace`](crate::Limits::grace).
    ///
    /// A function gets a session with the roles of the caller. The session has no client that could be called.
    ///
    /// ```
    /// use devtools_runtime::backplane::InProcess;
    /// use devtools_runtime::{DevTools, define_rpc_function};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // Two processes in one, as a test has them.
    /// let bus = InProcess::new();
    /// let double = define_rpc_function("docs-of-work:double").handler(|number: u32| number * 2);
    /// let worker = DevTools::builder().without_collected().function(double).backplane(bus.link()).build().await?;
    /// let working = tokio::spawn({
    ///     let worker = worker.clone();
    ///     async move { worker.work().await }
    /// });
    ///
    /// let gateway = DevTools::builder().without_collected().use_workers().backplane(bus).build().await?;
    /// while !gateway.context().rpc().has("docs-of-work:double") {
    ///     tokio::task::yield_now().await;
    /// }
    /// let client = gateway.client();
    /// assert_eq!(client.call_dynamic::<u32>("docs-of-work:double", (21,)).await?, 42);
    ///
    /// worker.shutdown().await;
    /// working.await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes no more calls. Those that run go on.
    pub async fn work(&self) {
        let name = self.0.settings.process_name.clone();
        let working = work(self.context(), name, self.0.closing.clone());
        #[cfg(feature = "server")]
        {
            let end = EndSignals::listen();
            tokio::pin!(working);
            tokio::select! {
                () = &mut working => return,
                () = end.received() => {}
            }
            tokio::join!(self.shutdown(), working);
        }
        #[cfg(not(feature = "server"))]
        working.await;
    }

    /// Returns the one-time code that is valid now, for a program that shows it itself. `None` without a gate, or if
    /// the operating system provides no randomness.
    pub fn auth_code(&self) -> Option<String> {
        let code = self.context().trust()?.code();
        code.inspect_err(|error| tracing::warn!(%error, "could not create a one-time code"))
            .ok()
    }

    /// Returns the secret of a sign-in link. `None` as for [`auth_code`](Self::auth_code).
    #[cfg(feature = "server")]
    pub(crate) fn sign_in_link(&self) -> Option<String> {
        let link = self.context().trust()?.link();
        link.inspect_err(|error| tracing::warn!(%error, "could not create a sign-in link"))
            .ok()
    }
}
