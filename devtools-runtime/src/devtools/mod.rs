//! The way in: a program builds its [`DevTools`], and serves it.

mod builder;
mod error;
mod registered;
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
use crate::host::Identity;
use crate::host::{DevToolsContext, Serving, ServingSettings};

pub use self::builder::DevToolsBuilder;
pub use self::error::BuildError;
pub use self::registered::{assert_function_registered, assert_registered};
#[cfg(feature = "server")]
pub use self::serve_error::{BindError, ServeError};
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

    /// Writes a static dump to a folder: what this program answers, as files that any file server can host, with its
    /// views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// As [`build_with`](Self::build_with) with the default options.
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

    /// Writes a static dump to a folder: what this program answers, as files that any file server can host, with its
    /// views ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
    ///
    /// It holds
    ///
    /// - the result of every static function, which is called once, without arguments;
    /// - of a query with a [`Dump`](crate::Dump), what that says: the function is really called for each of its inputs;
    /// - of a query with the option `snapshot`, its result without arguments, for all calls;
    /// - the files of the [views](crate::context::Views), and the scripts that pages import.
    ///
    /// Actions and events are never called; the [report](DumpReport) says what will not work on the dump.
    ///
    /// A program that is only there to build says so with [`Mode::Build`](crate::Mode::Build), which its functions and
    /// plugins can see; it works in both modes.
    ///
    /// The folder is written beside its place and put there in one step: whoever looks sees the old dump or the new one,
    /// whole, also if the program is killed meanwhile. For the same results it has the same bytes. A list of its
    /// files with their sums is in `__dump.json`, which clients do not look at; [`check_dump`](crate::dump::check_dump) compares.
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
    /// [`DumpError`], with the folder as it was: if it is not empty and no build wrote it, if it holds files that were put
    /// there by somebody else or belong to a view, or if a file cannot be read or written. A function or a
    /// call that fails is no error, unless the options are [strict](DumpOptions::strict).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the folder as it was, and removes what was written so far. Calls that wait are dropped.
    pub async fn build_with(
        &self,
        folder: impl AsRef<Path>,
        options: DumpOptions,
    ) -> Result<DumpReport, DumpError> {
        dump::write::build(&self.0, folder.as_ref(), &options).await
    }

    /// Says what [`build`](Self::build) would change in a folder. Nothing is written; the functions are called as they
    /// would be for a build.
    ///
    /// What is in the folder is taken from its list of files: [`check_dump`](crate::dump::check_dump) says whether they are
    /// as they were written.
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

    /// Says what [`build_with`](Self::build_with) would change in a folder.
    ///
    /// # Errors
    ///
    /// If there is no dump in the folder, or it, or the files of a view, cannot be read.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
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

    /// The one-time code that is good now, for a program that shows it itself. `None` without a gate, or if the
    /// operating system has no randomness to make one of.
    pub fn auth_code(&self) -> Option<String> {
        let code = self.context().trust()?.code();
        code.inspect_err(|error| tracing::warn!(%error, "no code could be made"))
            .ok()
    }

    /// Returns the secret that a sign-in link carries; `None` as for [`auth_code`](Self::auth_code).
    #[cfg(feature = "server")]
    pub(crate) fn sign_in_link(&self) -> Option<String> {
        let link = self.context().trust()?.link();
        link.inspect_err(|error| tracing::warn!(%error, "no code could be made"))
            .ok()
    }

    /// A client of these functions inside the process: no socket, the same wire.
    ///
    /// Its session is open when this returns: it is counted, and gets what is broadcast. The connection ends with its last handle, or when the last clone of this `DevTools` is dropped.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client(&self) -> crate::DevToolsRpcClient {
        self.open_client(None)
    }

    /// As [`client`](Self::client), for a session that has these [roles](crate::RpcSession::roles) and no others: to try out who may call
    /// what.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    #[cfg(feature = "client")]
    pub fn client_with_roles<R: Into<String>>(
        &self,
        roles: impl IntoIterator<Item = R>,
    ) -> crate::DevToolsRpcClient {
        self.open_client(Some(Identity {
            name: None,
            roles: roles.into_iter().map(Into::into).collect(),
        }))
    }

    #[cfg(feature = "client")]
    fn open_client(&self, identity: Option<Identity>) -> crate::DevToolsRpcClient {
        let (near, far) = crate::peer::memory_pair();
        let context = self.context().clone();
        let permit = context.reserve_local_session();
        // Opened here and not by the task: the client is told what is broadcast from now on.
        let opened = context.open_local(identity, permit, self.0.closing.child_token());
        self.0.tasks.spawn(async move {
            context.serve_session(opened, far).await;
        });
        crate::DevToolsRpcClient::over(near, self.context().limits())
    }
}

#[cfg(feature = "client")]
impl DevTools {
    /// Makes a static dump, and has clients that connect from now on answered from it, as one that reads the dump would be.
    /// `missed` is called with each call that the dump does not hold, once for each function and its arguments.
    ///
    /// A query or static function that the dump holds is answered from there, and not run any more. A call that it does not
    /// hold gets the fallback, or an error if there is none. Actions fail, and events do nothing. What the protocol itself
    /// consists of goes on as before, and so do functions that invoke each other.
    ///
    /// The dump holds what the functions return now. It lies in a temporary folder, for as long as this `DevTools` is there.
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
    /// If the dump cannot be written, or the clients are answered from one already.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves everything as it was.
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
    pub fn service(&self) -> crate::server::DevToolsService {
        crate::server::DevToolsService::mounted(Arc::clone(&self.0))
    }
}
