//! The entry point: a program builds its [`DevTools`] and serves it.

mod builder;
mod building;
mod collected;
#[cfg(feature = "server")]
mod end_signals;
mod error;
#[cfg(feature = "server")]
mod on_listen;
#[cfg(feature = "recording")]
mod recording;
mod registered;
#[cfg(feature = "server")]
mod route;
#[cfg(feature = "server")]
mod serve_error;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "typescript")]
mod types;

use std::path::Path;
use std::sync::Arc;

use crate::dump;
use crate::dump::diff::DumpDiff;
use crate::dump::failure::DumpError;
use crate::dump::options::DumpOptions;
use crate::dump::report::DumpReport;

#[cfg(feature = "client")]
use crate::host::{Arrival, ClientIdentity};
use crate::host::{DevToolsContext, FleetMembership, Serving, ServingSettings, work};
#[cfg(feature = "server")]
use crate::server::{Encryption, Listening};

pub use self::builder::DevToolsBuilder;
#[cfg(feature = "cli")]
pub(crate) use self::end_signals::EndSignals;
pub use self::error::BuildError;
#[cfg(feature = "recording")]
pub use self::recording::AlreadyReplaying;
pub use self::registered::{assert_function_registered, assert_registered};
#[cfg(feature = "server")]
pub use self::route::{DuplicateRoute, Route, RouteRequest};
#[cfg(feature = "server")]
pub use self::serve_error::{BindError, ServeError};
#[cfg(feature = "server")]
pub use self::server::Server;

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
pub struct DevTools(Arc<Serving>);

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

    /// Creates a builder.
    pub fn builder() -> DevToolsBuilder {
        DevToolsBuilder::new()
    }

    fn new(context: DevToolsContext, settings: ServingSettings, joined: FleetMembership) -> Self {
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

    /// Runs the functions of this program for the clients of other processes, without an HTTP port, until the process receives SIGINT or
    /// SIGTERM, and then shuts down. A call of [`shutdown`](Self::shutdown) ends it too. Without the feature `server`, signals are the
    /// program's own affair.
    ///
    /// The processes with the same [backplane](DevToolsBuilder::backplane) that [use workers](DevToolsBuilder::use_workers) offer the functions
    /// that this program has when it begins to work. At most [`Limits::calls_in_flight`](crate::Limits::calls_in_flight) calls run at the same time.
    /// In the end no new call is taken, and the calls that run have the time [`Limits::grace`](crate::Limits::grace).
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
            let end = end_signals::EndSignals::listen();
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

    /// Writes a static dump to a folder: the answers of this program, as files that any file server can host, with
    /// its views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// The same as [`build_with`](Self::build_with) with the default options.
    ///
    /// # Errors
    ///
    /// As [`build_with`](Self::build_with).
    ///
    /// # Cancel safety
    ///
    /// As [`build_with`](Self::build_with).
    pub async fn build(&self, folder: impl AsRef<Path>) -> Result<DumpReport, DumpError> {
        self.build_with(folder, DumpOptions::new()).await
    }

    /// Writes a static dump to a folder: the answers of this program, as files that any file server can host, with
    /// its views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// The dump contains:
    ///
    /// - the result of every static function, which is called once, without arguments;
    /// - the results of each query with a [`Dump`](crate::Dump): the function is called for each of its inputs;
    /// - the result, without arguments, of each query with the option `snapshot`: it answers all calls;
    /// - the files of the [views](crate::context::Views), and the scripts that pages import.
    ///
    /// Actions and events are never called. The [report](DumpReport) lists the functions that will not work in the
    /// dump.
    ///
    /// A program that only builds a dump should set [`Mode::Build`](crate::Mode::Build), which its functions and
    /// plugins can read. This method works in both modes.
    ///
    /// The dump is written to a new folder, which then replaces the old one in one step. A reader sees either the old
    /// or the new dump, complete, even if the program is killed. Equal results give equal bytes. The file
    /// `__dump.json` lists all files with their checksums. Clients do not read it; [`check_dump`](crate::dump::check_dump)
    /// compares the files with it.
    ///
    /// ```
    /// use devtools_runtime::{DevTools, Mode, define_rpc_function};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let get_modules = define_rpc_function("docs-of-build:get-modules")
    ///     .snapshot()
    ///     .handler(|| vec!["/src/main.ts".to_owned()]);
    /// let devtools = DevTools::builder().mode(Mode::Build).function(get_modules).build().await?;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path().join("dist");
    /// let report = devtools.build(&folder).await?;
    /// println!("{report}");
    /// assert!(folder.join("__rpc-dump/docs-of-build~get-modules.fallback.json").exists());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DumpError`], and the folder is unchanged. It fails if the folder is not empty and no build wrote it, if a
    /// file that somebody else put there has the path of a file of the dump, if the folder overlaps with one of a
    /// view, or if a file cannot be read or written. A function or a call that fails is not an error unless the
    /// options are [strict](DumpOptions::strict).
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder unchanged, removes the files written so far, and drops the calls that
    /// wait.
    pub async fn build_with(
        &self,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<DumpReport, DumpError> {
        dump::write::build(&self.0, folder.as_ref(), &options).await
    }

    /// Compares a folder with what [`build`](Self::build) would write. Nothing is written, but the functions are
    /// called as in a build.
    ///
    /// The content of the folder is read from its list of files. Use [`check_dump`](crate::dump::check_dump) to find out
    /// whether the files still match that list.
    ///
    /// # Errors
    ///
    /// As [`diff_with`](Self::diff_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the calls that wait.
    pub async fn diff(&self, folder: impl AsRef<Path>) -> Result<DumpDiff, DumpError> {
        self.diff_with(folder, DumpOptions::new()).await
    }

    /// Compares a folder with what [`build_with`](Self::build_with) would write.
    ///
    /// # Errors
    ///
    /// If the folder holds no dump, or if a file of it or of a view cannot be read.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the calls that wait.
    pub async fn diff_with(
        &self,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<DumpDiff, DumpError> {
        dump::diff::diff(&self.0, folder.as_ref(), &options).await
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

    /// Connects a client inside the process: without a socket, over the same wire format.
    ///
    /// The session is open when this returns: it counts, and it receives broadcasts. The connection ends when the
    /// last handle of the client, or the last clone of this `DevTools`, is dropped. So keep the `DevTools` in a variable: calls through the client of
    /// a temporary one, as in `builder.build().await?.client()`, fail with [`CallError::Disconnected`](crate::CallError::Disconnected).
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client(&self) -> crate::DevToolsRpcClient {
        self.open_client(Arrival::local())
    }

    /// Connects a client whose session is not trusted.
    #[cfg(feature = "client")]
    pub(crate) fn open_untrusted_client(&self) -> crate::DevToolsRpcClient {
        let arrival = Arrival::local();
        arrival
            .access
            .set(crate::peer::ConnectionAccess::Unauthorized);
        self.open_client(arrival)
    }

    /// Connects a client as [`client`](Self::client) does, for a session with exactly these
    /// [roles](crate::RpcSession::roles). Use it to test who may call which function.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client_with_roles<R: Into<String>>(
        &self,
        roles: impl IntoIterator<Item = R>,
    ) -> crate::DevToolsRpcClient {
        let identity = ClientIdentity {
            name: None,
            roles: roles.into_iter().map(Into::into).collect(),
        };
        self.open_client(Arrival::local_as(identity))
    }

    #[cfg(feature = "client")]
    fn open_client(&self, arrival: Arrival) -> crate::DevToolsRpcClient {
        let (near, far) = crate::peer::memory_pair();
        let context = self.context().clone();
        let permit = context.reserve_local_session();
        // The session is opened here and not in the task, so that the client receives every broadcast from now on.
        let opened = context.open_local(arrival, permit, self.0.closing.child_token());
        self.0.tasks.spawn(async move {
            context.serve_session(opened, far).await;
        });
        crate::DevToolsRpcClient::over(near, self.context().limits())
    }
}

#[cfg(feature = "client")]
impl DevTools {
    /// Makes a static dump, and answers clients that connect from now on from it, as readers of the dump would be
    /// answered. Calls `missed` with each call that the dump cannot answer, once for each function and its arguments.
    ///
    /// Queries and static functions in the dump are answered from it and not run. A call that the dump does not hold
    /// gets the fallback, or an error if there is none. Actions fail, and events do nothing. The protocol's own
    /// functions work as before, and so do functions that call each other.
    ///
    /// The dump holds the current results of the functions. It is in a temporary folder, which exists as long as this
    /// `DevTools`.
    ///
    /// ```
    /// use devtools_runtime::dump::DumpOptions;
    /// use devtools_runtime::{DevTools, DevToolsContext, Dump, Mode, rpc_function};
    ///
    /// #[rpc_function(name = "my-plugin:get-length", dump = dump_lengths)]
    /// fn get_length(id: String) -> usize {
    ///     id.len()
    /// }
    ///
    /// fn dump_lengths(_: &DevToolsContext) -> Dump<(String,), usize> {
    ///     Dump::inputs([("/src/a.ts".to_owned(),)])
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let devtools = DevTools::builder().mode(Mode::Build).build().await?;
    /// let say = |missed: &devtools_runtime::dump::MissedCall| eprintln!("{missed}");
    /// let preview = devtools.preview_static(DumpOptions::new(), say).await?;
    ///
    /// let rpc = devtools.client();
    /// assert_eq!(GetLength::call(&rpc, "/src/a.ts").await?, 9);
    /// assert!(GetLength::call(&rpc, "/src/b.ts").await.is_err());
    /// assert_eq!(preview.missed().calls()[0].call, "my-plugin:get-length(\"/src/b.ts\")");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the dump cannot be written, or a preview has begun before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves everything unchanged.
    pub async fn preview_static(
        &self,
        options: crate::dump::DumpOptions,
        missed: impl Fn(&crate::dump::MissedCall) + Send + Sync + 'static,
    ) -> Result<crate::dump::StaticPreview, crate::dump::PreviewError> {
        use crate::dump::preview::{DUMP, TemporaryFolder, begin};

        let folder = TemporaryFolder::new().map_err(crate::dump::PreviewError::Folder)?;
        self.build_with(folder.path().join(DUMP), options).await?;
        begin(self.context(), folder, Box::new(missed)).await
    }
}

#[cfg(feature = "server")]
impl DevTools {
    /// Listens at `address`, such as `127.0.0.1:7812`. Port 0 chooses a free port.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or if it is not a loopback address while [`Auth::None`](crate::Auth::None) is
    /// set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future releases the address.
    pub async fn bind(
        &self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<Server, ServeError> {
        self.listen(address, Encryption::default()).await
    }

    async fn listen(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        encryption: Encryption,
    ) -> Result<Server, ServeError> {
        let listening = Listening::bind(Arc::clone(&self.0), address, encryption).await?;
        Ok(Server::new(self.clone(), listening).announced())
    }

    /// Serves at `address` until the process receives SIGINT or SIGTERM. Prints the address to open to standard error, unless the
    /// builder is [`quiet`](DevToolsBuilder::quiet).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    pub async fn serve(&self, address: impl tokio::net::ToSocketAddrs) -> Result<(), ServeError> {
        self.run(self.bind(address).await?).await;
        Ok(())
    }

    /// Listens at `address` as [`bind`](Self::bind) does, with encrypted connections: the URLs of the server begin with `https`.
    ///
    /// ```no_run
    /// use devtools_runtime::DevTools;
    /// use devtools_runtime::server::TlsIdentity;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let identity = TlsIdentity::from_files("cert.pem", "key.pem")?;
    /// let devtools = DevTools::builder().build().await?;
    /// let server = devtools.bind_tls("0.0.0.0:7812", identity).await?;
    /// println!("open {}", server.sign_in_url("/"));
    /// server.run().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A client that does not encrypt gets the status 400. A handshake may take as long as
    /// [`Limits::handshake`](crate::Limits::handshake).
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// As [`bind`](Self::bind).
    #[cfg(feature = "tls")]
    pub async fn bind_tls(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        identity: crate::server::TlsIdentity,
    ) -> Result<Server, ServeError> {
        self.listen(address, Encryption::with(identity)).await
    }

    /// Serves at `address` as [`serve`](Self::serve) does, with encrypted connections.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// As [`serve`](Self::serve).
    #[cfg(feature = "tls")]
    pub async fn serve_tls(
        &self,
        address: impl tokio::net::ToSocketAddrs,
        identity: crate::server::TlsIdentity,
    ) -> Result<(), ServeError> {
        self.run(self.bind_tls(address, identity).await?).await;
        Ok(())
    }

    async fn run(&self, server: Server) {
        if !self.0.settings.quiet {
            server.announce();
        }
        server.run().await;
    }

    /// Returns the functions and views as a service, to mount in an application.
    ///
    /// The service expects paths relative to its mount. In axum, mount it with `nest_service`.
    pub fn service(&self) -> crate::server::DevToolsService {
        crate::server::DevToolsService::mounted(Arc::clone(&self.0))
    }
}
