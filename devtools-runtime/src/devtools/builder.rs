//! The builder of [`DevTools`].

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::devtools::collected::{runs_on_client, runs_on_server};
use crate::devtools::error::BuildError;
use crate::devtools::handle::DevTools;
use crate::function::{
    FunctionDefinition, FunctionList, LayerCall, LayerFn, LayerResult, Next, Warnings,
};
use crate::host::{Auth, Backplane, BoxedPlugin, ContextOptions, DevToolsPlugin, Mode};
#[cfg(feature = "cli")]
use crate::host::{Gate, Token};
#[cfg(feature = "inspector")]
use crate::inspector::Inspector;
use crate::peer::Limits;
#[cfg(feature = "recording")]
use crate::recording::Recorder;
use crate::vite::ViteConfig;

/// The time after which a debug build logs a function that blocks its session.
const BLOCKING: Duration = Duration::from_millis(100);

/// A builder of [`DevTools`], from [`DevTools::builder`].
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::{DevTools, Gate, Limits};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder()
///     .base("/__my-tool/")
///     .allow_origin("https://panel.example.com")
///     .auth(Gate::new().memory())
///     .limits(Limits::new().handler_timeout(Duration::from_secs(30)))
///     .build()
///     .await?;
/// # let _ = devtools;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
#[cfg_attr(
    feature = "metrics",
    expect(
        clippy::struct_excessive_bools,
        reason = "each is an option that is on or off"
    )
)]
pub struct DevToolsBuilder {
    pub(super) options: ContextOptions,
    pub(super) cwd: Option<PathBuf>,
    pub(super) workspace_root: Option<PathBuf>,
    pub(super) vite_config: Option<ViteConfig>,
    pub(super) backplane: Option<Arc<dyn Backplane>>,
    pub(super) expose_without_auth: bool,
    pub(super) use_workers: bool,
    pub(super) process_name: Option<String>,
    pub(super) quiet: bool,
    pub(super) base: String,
    pub(super) allowed_origins: Vec<String>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) allowed_frames: Vec<String>,
    pub(super) limits: Limits,
    pub(super) functions: Vec<FunctionDefinition>,
    pub(super) client_functions: Vec<FunctionDefinition>,
    pub(super) plugins: Vec<BoxedPlugin>,
    #[cfg(feature = "metrics")]
    pub(super) metrics: bool,
    #[cfg(feature = "inspector")]
    pub(super) inspector: Inspector,
    #[cfg(feature = "recording")]
    pub(super) recorder: Option<Recorder>,
}

impl DevTools {
    /// Creates a builder.
    pub fn builder() -> DevToolsBuilder {
        DevToolsBuilder::new()
    }
}

impl DevToolsBuilder {
    pub(super) fn new() -> Self {
        Self {
            options: ContextOptions {
                check_results: cfg!(debug_assertions),
                collected: true,
                warnings: Warnings {
                    slow: None,
                    blocking: cfg!(debug_assertions).then_some(BLOCKING),
                },
                ..ContextOptions::default()
            },
            cwd: None,
            workspace_root: None,
            vite_config: None,
            backplane: None,
            expose_without_auth: false,
            use_workers: false,
            process_name: None,
            quiet: false,
            base: "/__devtools/".to_owned(),
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            allowed_frames: Vec::new(),
            limits: Limits::default(),
            functions: Vec::new(),
            client_functions: Vec::new(),
            plugins: Vec::new(),
            #[cfg(feature = "metrics")]
            metrics: false,
            #[cfg(feature = "inspector")]
            inspector: Inspector::new(),
            #[cfg(feature = "recording")]
            recorder: None,
        }
    }

    crate::setters! {
        /// Sets whether panels are served or a dump is built. Default: [`Mode::Dev`].
        pub fn mode(mode: Mode) { options.mode = mode }

        /// Sets the directory that the tool works in. Default: the current directory.
        pub fn cwd(cwd: impl Into<PathBuf>) { cwd = Some(cwd.into()) }

        /// Sets the root of the workspace. Default: the nearest folder, from the working directory upwards, that contains
        /// `.git` or `pnpm-workspace.yaml`, or else the working directory.
        pub fn workspace_root(root: impl Into<PathBuf>) { workspace_root = Some(root.into()) }

        /// Sets the configuration of the Vite project that the program belongs to, for
        /// [`vite_config`](crate::DevToolsContext::vite_config). A Vite process that attaches later replaces it. The command
        /// line sets it if a Vite plugin has started the program.
        pub fn vite_config(config: ViteConfig) { vite_config = Some(config) }

        /// Sets who may call the functions. Default: clients that have sent a one-time code, or that send a trusted
        /// token. See [`Gate`](crate::Gate).
        pub fn auth(auth: impl Into<Auth>) { options.auth = auth.into() }

        /// Connects this process to the other processes of the program, so that they behave as one: a broadcast reaches the clients of all of
        /// them, and a client of any of them can be found and closed. See the module [`backplane`](crate::backplane). Default:
        /// [`InProcess`](crate::backplane::InProcess), for a program of one process.
        pub fn backplane(backplane: impl Backplane) { backplane = Some(Arc::new(backplane)) }

        /// Sets the folder for settings. It holds shared states whose keys begin with `devframe:settings:global:` or
        /// `devframe:settings:project:` ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)), in files `global/settings/*.json` and `project/settings/*.json`,
        /// and the user's settings of the interface, in `project/user-settings.json`. Default: settings of a project are
        /// in `.devtools-runtime` of the [workspace](Self::workspace_root), global settings in
        /// `~/.devtools-runtime/<program>`. A file is created when its first setting is.
        pub fn storage(folder: impl Into<PathBuf>) { options.storage = Some(folder.into()) }
    }

    /// Returns the name and version of the program, if the program gives them.
    #[cfg(feature = "cli")]
    pub(crate) fn named_package(&self) -> Option<(&str, &str)> {
        let (name, version) = self.options.package.as_ref()?;
        Some((name, version))
    }

    /// Turns authentication on. Keeps the gate if there is one.
    #[cfg(feature = "cli")]
    pub(crate) fn gated(self) -> Self {
        match self.options.auth {
            Auth::Gated(_) => self,
            Auth::None => self.auth(Auth::default()),
        }
    }

    /// Trusts clients that send `token`, with the roles of those that sign in with a code. Adds a gate if there is none.
    #[cfg(feature = "cli")]
    pub(crate) fn trusting(self, token: String) -> Self {
        let gate = match &self.options.auth {
            Auth::Gated(gate) => gate.clone(),
            Auth::None => Gate::new(),
        };
        let roles = gate.code_roles.clone();
        self.auth(gate.token(Token::new(token).roles(roles)))
    }

    crate::setters! {
        /// Allows a server without authentication to bind an address that other machines can reach. Everybody who reaches
        /// it can then call the functions, for instance to write files.
        pub fn expose_without_auth() { expose_without_auth = true }

        /// Offers the functions of [workers](DevTools::work) to the clients of this process. Each call goes to a worker that offers the
        /// function: the one that runs the fewest calls of this process.
        ///
        /// Workers are the processes with the same [backplane](Self::backplane) that run [`DevTools::work`]. A new
        /// one is found within a second. This process runs its own functions itself. If workers offer a function with
        /// different types, only those with the types of the worker that was found first are used for it, and the log
        /// names the others.
        ///
        /// Callers get an error with one of these codes if a call has no result:
        ///
        /// | code | the call |
        /// |---|---|
        /// | `no-worker` | was not run: no worker offers the function now |
        /// | `workers-busy` | was not run: all workers ran [`Limits::calls_in_flight`] calls, until the timeout |
        /// | `worker-unreachable` | was not run: the message could not be sent, for instance because it is too large |
        /// | `worker-failed` | may have run: the worker could not answer, for instance because the reply is larger than the backplane accepts |
        /// | `worker-lost` | may have run: the worker ended meanwhile. A query was tried twice |
        /// | `worker-timeout` | may have run: no reply came within [`Limits::handler_timeout`], or 60 seconds |
        ///
        /// If the caller of a query gives up, or loses its connection, the worker drops the query. Actions and events run to their end. The layers
        /// of both processes run, with the roles of the caller.
        ///
        /// [`RpcHost::workers`](crate::context::RpcHost::workers) lists the workers, and calls go to one of them through its handle.
        pub fn use_workers() { use_workers = true }

        /// Keeps [`serve`](DevTools::serve) from printing the address to open.
        pub fn quiet() { quiet = true }

        /// Sets the path at which a server of its own mounts the functions. Default: `/__devtools/`.
        pub fn base(base: impl Into<String>) { base = base.into() }

        /// Sets the path in front of all paths of this program, as browsers see it: `/tools/lens` if an application has mounted the service
        /// there, or if a proxy passes on the requests below this path without it. Default: none.
        ///
        /// The addresses of dock entries, and links that sign a page in, begin with it. Redirects, and the imports of pages, are
        /// relative and need no setting.
        ///
        /// ```
        /// # use devtools_runtime::DevTools;
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// let devtools = DevTools::builder().root_path("/tools/lens").build().await?;
        /// let app: axum::Router = axum::Router::new().nest_service("/tools/lens", devtools.service());
        /// # Ok(())
        /// # }
        /// ```
        pub fn root_path(path: impl Into<String>) { options.root_path = Some(path.into()) }

        /// Sets a name by which people recognize this process, such as `builder-3`.
        /// [`FleetWorker::name`](crate::backplane::FleetWorker::name) and the log of a gateway show it. Several
        /// processes may have the same name. Default: none.
        ///
        /// ```
        /// use devtools_runtime::DevTools;
        ///
        /// let builder = DevTools::builder().process_name("builder-3");
        /// ```
        pub fn process_name(name: impl Into<String>) { process_name = Some(name.into()) }

        /// Publishes a value that clients get with the metadata, as a member of `configs`. It stays the same while
        /// the program runs. The interface of the ecosystem reads its name, its logo and its language from `ui`.
        ///
        /// ```
        /// use devtools_runtime::DevTools;
        /// use serde_json::json;
        ///
        /// let ui = json!({ "branding": { "productName": "Lens" }, "locale": "de" });
        /// let builder = DevTools::builder().config("ui", ui);
        /// ```
        pub fn config(key: impl Into<String>, value: impl Into<serde_json::Value>) {
            options.configs.insert(key.into(), value.into())
        }

        /// Allows pages of another origin to connect and to read responses. Pages of this server and of this machine
        /// (`localhost`, `127.0.0.1`, `[::1]`) are always allowed.
        ///
        /// | written | allowed |
        /// |---|---|
        /// | `https://host`, `https://host:8443` | this origin |
        /// | `https://host:*` | every port |
        /// | `devbox`, `192.168.1.5` | this host, over `http` and `https`, on every port |
        /// | `devbox:5173` | this host and port |
        /// | `.example.local` | `example.local` and every name below it, over `http` and `https`, on every port |
        /// | `https://.example.local` | the same, over `https` on its default port |
        /// | `vscode-webview://*` | every page of this scheme; not for `http` and `https` |
        ///
        /// The command line has the option `--allow-origin` and the variable `DEVTOOLS_ALLOW_ORIGIN` for this.
        pub fn allow_origin(origin: impl Into<String>) { allowed_origins.push(origin.into()) }

        /// Answers requests to another host name: a name such as `devbox`, a suffix such as `.example.local`, which
        /// stands for `example.local` and every name below it, or an IP address. A port in it is ignored.
        ///
        /// Requests to `localhost`, `127.0.0.1`, `[::1]` and the server's own address are always answered. A server that
        /// other machines can reach also answers requests to its host name and to every address of the machine. All other
        /// requests are refused, because a foreign page may have pointed its own name at this machine (DNS rebinding).
        /// Inside an application, the application decides which requests it answers; there this option sets the names
        /// under which pages of the same origin may connect.
        ///
        /// The command line has the option `--allow-host` and the variable `DEVTOOLS_ALLOW_HOST` for this.
        pub fn allow_host(host: impl Into<String>) { allowed_hosts.push(host.into()) }

        /// Allows pages of another origin, such as a hub, to show the views in frames. The notation is that of
        /// [`allow_origin`](Self::allow_origin). Pages of this server and of this machine are always allowed. Browsers
        /// get the list as `frame-ancestors` of a content security policy, which checks every page around the frame and
        /// does not support IPv6 addresses.
        ///
        /// The command line has the option `--allow-frame` and the variable `DEVTOOLS_ALLOW_FRAME` for this.
        pub fn allow_frame(origin: impl Into<String>) { allowed_frames.push(origin.into()) }

        /// Sets the limits of each connection.
        pub fn limits(limits: Limits) { limits = limits }

        /// Sets whether results are validated as arguments are, if their types implement `garde::Validate` (feature
        /// `validate`). Default: in debug builds of this crate. If a result is invalid, the caller gets an error instead
        /// (DF0044 of [protocol 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name)), and the log has the reason.
        pub fn check_results(check_results: bool) { options.check_results = check_results }

        /// Shows callers the text of panics and internal errors, in [`Mode::Dev`]. Default: `false`. The text may contain
        /// paths, queries or secrets, so it goes to the log under an id, and the caller gets `internal error` with that
        /// id. If this is `true`, the text is the message, and only the log has the id.
        pub fn reveal_errors(reveal_errors: bool) { options.reveal_errors = reveal_errors }

        /// Sets the name and version of the program, for `--version` (feature `cli`) and as title and version of the `OpenRPC`
        /// document. Default: the scope of the functions, and `0.0.0`.
        ///
        /// ```
        /// # use devtools_runtime::DevTools;
        /// let builder = DevTools::builder().package(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        /// ```
        #[cfg(any(feature = "cli", feature = "typescript"))]
        pub fn package(name: impl Into<String>, version: impl Into<String>) {
            options.package = Some((name.into(), version.into()))
        }
    }

    /// Names a type of another crate in the TypeScript declarations and the `OpenRPC` document. Name your own types
    /// with `#[schemars(rename = "SyntaxNode")]`.
    ///
    /// By default a type has its Rust name. The name of a generic type contains those of its arguments
    /// (`PageOfModule`). If two types share a name, both get the name of their module (`GraphNode` and `SyntaxNode`).
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// # mod syntax { #[derive(schemars::JsonSchema)] pub struct Node { kind: String } }
    /// let builder = DevTools::builder().type_name::<syntax::Node>("SyntaxNode");
    /// ```
    #[cfg(feature = "typescript")]
    pub fn type_name<T: schemars::JsonSchema>(mut self, name: impl Into<String>) -> Self {
        self.options
            .type_names
            .insert(T::schema_id().into_owned(), name.into());
        self
    }

    crate::setters! {
        /// Leaves out the functions that the annotations have collected, so only functions that are registered by hand
        /// are served. Declared channels and shared states belong to the program only if they are created.
        pub fn without_collected() { options.collected = false }

        /// Adds a function: `.function(GetModule::definition())`.
        pub fn function(function: FunctionDefinition) { functions.push(function) }
    }

    /// Adds the functions of a list: `.functions::<MyPluginFunctions>()`. They may have been collected too.
    ///
    /// Use it in programs that cannot rely on the linker to collect functions. Functions of the client become known
    /// for declarations; functions without a body are skipped, because the server cannot run them.
    pub fn functions<L: FunctionList>(mut self) -> Self {
        let definitions = L::definitions();
        self.client_functions.extend(
            definitions
                .iter()
                .filter(|function| runs_on_client(function))
                .cloned(),
        );
        self.functions
            .extend(definitions.into_iter().filter(runs_on_server));
        self
    }

    /// Adds a plugin. Plugins are set up in the order in which they were added.
    pub fn plugin(mut self, plugin: impl DevToolsPlugin) -> Self {
        self.plugins.push(BoxedPlugin::new(plugin));
        self
    }

    /// Adds a layer around every call of the program's functions, inside the layers that were added before. A layer is a
    /// closure or a function that takes a [`LayerCall`] and the [`Next`] layer. See [`layers`](crate::layers) for the calls
    /// that pass it, and for what it can do.
    ///
    /// ```
    /// use devtools_runtime::DevTools;
    ///
    /// let builder = DevTools::builder().layer(|call, next| async move {
    ///     let name = call.name().to_owned();
    ///     let ended = next.run(call).await;
    ///     println!("{name} {}", if ended.is_ok() { "succeeded" } else { "failed" });
    ///     ended
    /// });
    /// ```
    pub fn layer<F, Fut>(mut self, layer: F) -> Self
    where
        F: Fn(LayerCall, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = LayerResult> + Send + 'static,
    {
        self.options.layers.push(None, boxed(layer));
        self
    }

    /// Adds a layer around calls of functions whose names begin with `prefix`, such as `"my-plugin:"` for one plugin.
    pub fn layer_for<F, Fut>(mut self, prefix: impl Into<Cow<'static, str>>, layer: F) -> Self
    where
        F: Fn(LayerCall, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = LayerResult> + Send + 'static,
    {
        self.options.layers.push(Some(prefix.into()), boxed(layer));
        self
    }

    crate::setters! {
        /// Logs a warning for each call that takes this long. Default: `None`, which means no warnings.
        ///
        /// The warning is written when the call has ended or was cancelled, with the name of the function and its outcome.
        pub fn warn_of_slow_calls(after: impl Into<Option<Duration>>) { options.warnings.slow = after.into() }

        /// Logs a warning for each call that blocks its thread for this long, in its function or in a layer. Default: 100 ms
        /// in debug builds of this crate, and `None` in others.
        ///
        /// A function that is not `async`, or that computes or blocks in between, holds its session up: nothing else of the
        /// session is read, run or written meanwhile. A typed call within the process (`invoke_local`) counts as part of the
        /// call that makes it. The option `blocking`, and `tokio::task::spawn_blocking`, give such work
        /// a thread of its own.
        pub fn warn_of_blocking_calls(after: impl Into<Option<Duration>>) {
            options.warnings.blocking = after.into()
        }

        /// Counts and times each call of the program's functions, through the facade of the crate
        /// [`metrics`](https://docs.rs/metrics) (feature `metrics`). Default: calls are not counted.
        ///
        /// When a call ends, it is reported to the recorder that the program has installed; without a recorder
        /// nothing is stored. Install it before [`build`](Self::build), which describes the metrics to it. The guide
        /// [observability](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/observability.md) has
        /// the names and labels.
        ///
        /// ```
        /// use devtools_runtime::DevTools;
        ///
        /// // First: `PrometheusBuilder::new().install_recorder()?`, of `metrics-exporter-prometheus`.
        /// let builder = DevTools::builder().metrics();
        /// ```
        #[cfg(feature = "metrics")]
        pub fn metrics() { metrics = true }

        /// Sets whether the server has an inspector, and its [options](Inspector) (feature `inspector`, which `cli` includes). Default: it has one in
        /// [`Mode::Dev`]. In [`Mode::Build`] there is none.
        ///
        /// The inspector is a page at `__inspector/` below the [base](Self::base), with the functions, the traffic and the sessions of the
        /// program. Everybody may load the page, but like every page it can call functions only if it is trusted.
        #[cfg(feature = "inspector")]
        pub fn inspector(inspector: impl Into<Inspector>) { inspector = inspector.into() }
    }

    /// Sets the editor of the inspector, and leaves its other options as they are.
    #[cfg(feature = "cli")]
    pub(crate) fn editor(self, editor: crate::inspector::Editor) -> Self {
        let inspector = self.inspector.clone().editor(editor);
        self.inspector(inspector)
    }

    crate::setters! {
        /// Records the sessions to a file (feature `recording`, which `cli` includes). Takes the path of the file, or a [`Recorder`] with its options.
        /// [`build`](Self::build) opens the file. [`DevTools::replay`] serves what was recorded.
        ///
        /// The recording contains the frames of all connections, including those of clients inside the process
        /// ([`DevTools::client`]), and the calls by plain HTTP. It does not contain the calls of the inspector and of
        /// Vite processes.
        #[cfg(feature = "recording")]
        pub fn record(recorder: impl Into<Recorder>) { recorder = Some(recorder.into()) }
    }

    /// Registers the functions, sets up the plugins, and checks that every function has the state it needs.
    ///
    /// # Errors
    ///
    /// If an option is invalid, two functions share a name, a plugin fails, or a function needs state that no plugin
    /// has added.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops everything that was built, including the state that plugins have added.
    pub async fn build(self) -> Result<DevTools, BuildError> {
        self.built().await
    }

    /// Builds the program and binds it: [`build`](Self::build) followed by [`DevTools::bind`].
    ///
    /// # Errors
    ///
    /// As both methods.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops everything that was built, and releases the address.
    #[cfg(feature = "server")]
    pub async fn bind(
        self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<crate::Server, crate::ServeError> {
        self.build().await?.bind(address).await
    }

    /// Builds the program and serves it: [`build`](Self::build) followed by [`DevTools::serve`].
    ///
    /// # Errors
    ///
    /// As both methods.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the server at once.
    #[cfg(feature = "server")]
    pub async fn serve(
        self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<(), crate::ServeError> {
        self.build().await?.serve(address).await
    }
}

/// Boxes a layer, so that its type is erased.
fn boxed<F, Fut>(layer: F) -> LayerFn
where
    F: Fn(LayerCall, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = LayerResult> + Send + 'static,
{
    Arc::new(move |call, next| Box::pin(layer(call, next)))
}
