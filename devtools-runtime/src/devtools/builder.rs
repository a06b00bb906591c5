//! Putting a [`DevTools`] together.

use std::borrow::Cow;
#[cfg(feature = "typescript")]
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use crate::devtools::{BuildError, DevTools};
use crate::function::{
    FunctionDefinition, FunctionList, Handling, LayerCall, LayerFn, LayerResult, Layers, Next,
    Registration, Side,
};
use crate::host::{
    Auth, BoxedPlugin, DevToolsContext, DevToolsPlugin, Mode, NoHost, NoOrigin, OriginPattern,
    ServingSettings, Settings, ViteConfig, ViteServer, patterns, register_builtin,
};
use crate::peer::Limits;
use crate::protocol::is_built_in;

/// Files and folders that mark the root of a workspace.
const WORKSPACE_MARKERS: [&str; 2] = [".git", "pnpm-workspace.yaml"];

/// Puts a [`DevTools`] together: from [`DevTools::builder`].
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is on or off"
)]
pub struct DevToolsBuilder {
    mode: Mode,
    cwd: Option<PathBuf>,
    workspace_root: Option<PathBuf>,
    vite_config: Option<ViteConfig>,
    vite_server: Option<Arc<dyn ViteServer>>,
    auth: Auth,
    storage: Option<PathBuf>,
    expose_without_auth: bool,
    base: String,
    allowed_origins: Vec<String>,
    allowed_hosts: Vec<String>,
    allowed_frames: Vec<String>,
    limits: Limits,
    check_results: bool,
    reveal_errors: bool,
    collected: bool,
    #[cfg(feature = "typescript")]
    package: Option<(String, String)>,
    #[cfg(feature = "typescript")]
    type_names: BTreeMap<String, String>,
    functions: Vec<FunctionDefinition>,
    client_functions: Vec<FunctionDefinition>,
    plugins: Vec<BoxedPlugin>,
    layers: Layers,
}

impl DevToolsBuilder {
    pub(super) fn new() -> Self {
        Self {
            mode: Mode::default(),
            cwd: None,
            workspace_root: None,
            vite_config: None,
            vite_server: None,
            auth: Auth::default(),
            storage: None,
            expose_without_auth: false,
            base: "/__devtools/".to_owned(),
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            allowed_frames: Vec::new(),
            limits: Limits::default(),
            check_results: cfg!(debug_assertions),
            reveal_errors: false,
            collected: true,
            #[cfg(feature = "typescript")]
            package: None,
            #[cfg(feature = "typescript")]
            type_names: BTreeMap::new(),
            functions: Vec::new(),
            client_functions: Vec::new(),
            plugins: Vec::new(),
            layers: Layers::default(),
        }
    }

    /// Whether panels are served or a dump is built. Default: [`Mode::Dev`].
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// The directory the tool works in. Default: that of the process.
    pub fn cwd(self, cwd: impl Into<PathBuf>) -> Self {
        Self {
            cwd: Some(cwd.into()),
            ..self
        }
    }

    /// The root of the workspace. Default: the nearest folder from the working directory upwards with a
    /// `.git` or a `pnpm-workspace.yaml`, or else the working directory.
    pub fn workspace_root(self, root: impl Into<PathBuf>) -> Self {
        Self {
            workspace_root: Some(root.into()),
            ..self
        }
    }

    /// Says how the Vite project is configured that the context belongs to: for whoever attaches Vite.
    pub fn vite_config(self, config: ViteConfig) -> Self {
        Self {
            vite_config: Some(config),
            ..self
        }
    }

    /// Makes the Vite server known that the context belongs to: for whoever attaches Vite.
    pub fn vite_server(self, server: impl ViteServer + 'static) -> Self {
        Self {
            vite_server: Some(Arc::new(server)),
            ..self
        }
    }

    /// Who may call the functions. Default: clients that have shown the one-time code, or bring a token; a
    /// [`Gate`](crate::Gate) says how.
    pub fn auth(self, auth: impl Into<Auth>) -> Self {
        Self {
            auth: auth.into(),
            ..self
        }
    }

    /// The folder that settings are kept in: shared states whose keys begin with `devframe:settings:global:` or
    /// `devframe:settings:project:` ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)), in files `global/settings/*.json` and `project/settings/*.json`,
    /// and what users have set of the interface, in `project/user-settings.json`.
    /// Default: those of a project in `.devtools-runtime` of the [workspace](Self::workspace_root), global
    /// ones in `~/.devtools-runtime/<program>`. A file is written once something is set.
    pub fn storage(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            storage: Some(folder.into()),
            ..self
        }
    }

    /// Has a gate, the builder's own if it has one.
    #[cfg(feature = "cli")]
    pub(crate) fn gated(self) -> Self {
        match self.auth {
            Auth::Gated(_) => self,
            Auth::None => self.auth(Auth::default()),
        }
    }

    /// Lets a server without authentication bind an address that other machines can reach. Everybody
    /// there may then do whatever the functions do, such as write files.
    pub fn expose_without_auth(self) -> Self {
        Self {
            expose_without_auth: true,
            ..self
        }
    }

    /// Where a server of its own mounts the functions. Default: `/__devtools/`.
    pub fn base(self, base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            ..self
        }
    }

    /// Allows pages of another origin to connect, and to read what the server sends. Pages that this server handed out, and pages of
    /// this machine (`localhost`, `127.0.0.1`, `[::1]`), always may.
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
    /// The command line has the same as `--allow-origin`, and its environment as `DEVTOOLS_ALLOW_ORIGIN`.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// Answers requests that were sent to another name of this machine: a name such as `devbox`, a suffix such as
    /// `.example.local`, which is `example.local` and every name below it, or an IP address. A port may follow, and is not
    /// looked at.
    ///
    /// Those to `localhost`, `127.0.0.1` and `[::1]`, and to the address that the server listens at, are always answered; on a server
    /// that other machines reach, those to the name and to every address of this machine as well. Others are refused, because a
    /// foreign page may have turned its own name to this machine. Inside an application it is the application's business
    /// which requests it answers; there this says under which names pages of the same origin may connect.
    ///
    /// The command line has the same as `--allow-host`, and its environment as `DEVTOOLS_ALLOW_HOST`.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Allows pages of another origin, such as a hub's, to show the views in frames; written as for
    /// [`allow_origin`](Self::allow_origin). Pages of this server and of this machine always may. It is told to browsers
    /// as `frame-ancestors` of a content security policy, which looks at every page around the frame and knows no IPv6
    /// addresses.
    ///
    /// The command line has the same as `--allow-frame`, and its environment as `DEVTOOLS_ALLOW_FRAME`.
    pub fn allow_frame(mut self, origin: impl Into<String>) -> Self {
        self.allowed_frames.push(origin.into());
        self
    }

    /// The bounds that each connection keeps.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Whether results are checked as arguments are, where their types implement `garde::Validate` (feature `validate`).
    /// Default: in debug builds of this crate. The caller of a function whose result is not valid gets an error in its place
    /// (DF0044 of [protocol 11](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-errors-by-name)), and the log says what is wrong.
    pub fn check_results(self, check_results: bool) -> Self {
        Self {
            check_results,
            ..self
        }
    }

    /// Lets callers read the text of panics and of internal errors, in [`Mode::Dev`]. Default: `false`. Their text may hold paths,
    /// queries or secrets, so it goes to the log under an id, and the caller gets `internal error` with that id. With `true` the text is the message, and the id is in the
    /// log alone.
    pub fn reveal_errors(self, reveal_errors: bool) -> Self {
        Self {
            reveal_errors,
            ..self
        }
    }

    /// Says what the program is, for documents that name it: title and version of the `OpenRPC` document. Default: the document is
    /// called after the scope of the functions, and its version is `0.0.0`.
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// let builder = DevTools::builder().package(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    /// ```
    #[cfg(feature = "typescript")]
    pub fn package(self, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            package: Some((name.into(), version.into())),
            ..self
        }
    }

    /// Names a type in the declarations of TypeScript and the `OpenRPC` document. A type of your own has a name of its own with
    /// `#[schemars(rename = "SyntaxNode")]`; this is for one of another crate.
    ///
    /// Without it a type is called as in Rust, an instance of a generic type after its arguments too (`PageOfModule`), and each of two types of
    /// one name after its module (`GraphNode` and `SyntaxNode`).
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// # mod syntax { #[derive(schemars::JsonSchema)] pub struct Node { kind: String } }
    /// let builder = DevTools::builder().type_name::<syntax::Node>("SyntaxNode");
    /// ```
    #[cfg(feature = "typescript")]
    pub fn type_name<T: schemars::JsonSchema>(mut self, name: impl Into<String>) -> Self {
        self.type_names
            .insert(T::schema_id().into_owned(), name.into());
        self
    }

    /// Leaves out what the program's annotated functions were collected into: only functions that are
    /// registered by hand are then served. Of channels and shared states that are declared, only those that are created belong
    /// to the program then.
    pub fn without_collected(self) -> Self {
        Self {
            collected: false,
            ..self
        }
    }

    /// Adds a function by hand: `.function(GetModule::definition())`.
    pub fn function(mut self, function: FunctionDefinition) -> Self {
        self.functions.push(function);
        self
    }

    /// Adds the functions of a list by hand, those that are collected too or not: `.functions::<MyPluginFunctions>()`.
    ///
    /// For programs that cannot rely on what the linker collects. Functions of the client, and declarations without a
    /// body, are passed over: the server has nothing to run for them.
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

    /// Adds a plugin. Plugins are set up in the order they are added.
    pub fn plugin(mut self, plugin: impl DevToolsPlugin) -> Self {
        self.plugins.push(BoxedPlugin::new(plugin));
        self
    }

    /// Puts a layer around every call of the program's functions, inside the layers that were added before. A layer is a closure
    /// or a function of a [`LayerCall`] and of what comes [`Next`]; [`layers`](crate::layers) says which calls pass it and what it can do.
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
        self.layers.push(None, boxed(layer));
        self
    }

    /// The same for the functions whose names begin with `prefix`: `"my-plugin:"` are those of one plugin.
    pub fn layer_for<F, Fut>(mut self, prefix: impl Into<Cow<'static, str>>, layer: F) -> Self
    where
        F: Fn(LayerCall, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = LayerResult> + Send + 'static,
    {
        self.layers.push(Some(prefix.into()), boxed(layer));
        self
    }

    /// Registers the functions, sets the plugins up, and checks that every function has what it needs.
    ///
    /// # Errors
    ///
    /// If two functions have one name, a plugin fails, or a function needs state that is not there.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops what was built, with whatever the plugins put into it.
    pub async fn build(self) -> Result<DevTools, BuildError> {
        self.built().await
    }

    /// A future that is compiled here, and not in every program again.
    fn built(self) -> Pin<Box<dyn Future<Output = Result<DevTools, BuildError>> + Send>> {
        Box::pin(async move {
            check_auth(&self.auth)?;
            let settings = ServingSettings {
                base: check_base(self.base)?,
                allowed_origins: origins(&self.allowed_origins)?,
                allowed_hosts: patterns(&self.allowed_hosts)
                    .map_err(|NoHost(host)| BuildError::Host(host))?,
                allowed_frames: origins(&self.allowed_frames)?,
                expose_without_auth: self.expose_without_auth,
            };
            let cwd = std::path::absolute(self.cwd.unwrap_or_else(|| PathBuf::from(".")))
                .map_err(BuildError::Cwd)?;
            let workspace_root = match self.workspace_root {
                Some(root) => std::path::absolute(root).map_err(BuildError::Cwd)?,
                None => find_workspace_root(&cwd),
            };
            let mut client_functions = self.client_functions;
            if self.collected {
                client_functions.extend(collected(runs_on_client));
            }
            client_functions.sort_by(|a, b| a.name().cmp(b.name()));
            // One that is listed may be collected as well.
            client_functions.dedup_by(|a, b| a.is_same_function(b));
            let context = DevToolsContext::new(Settings {
                mode: self.mode,
                cwd,
                workspace_root,
                limits: Arc::new(self.limits),
                check_results: self.check_results,
                reveal_errors: self.reveal_errors,
                client_functions,
                #[cfg(feature = "typescript")]
                collected: self.collected,
                #[cfg(feature = "typescript")]
                package: self.package,
                #[cfg(feature = "typescript")]
                type_names: self.type_names,
                auth: self.auth,
                layers: self.layers,
                storage: self.storage,
                vite_config: self.vite_config,
                vite_server: self.vite_server,
            });

            register_builtin(&context)?;
            if self.collected {
                for function in collected(runs_on_server) {
                    context.rpc().register(function)?;
                }
            }
            for function in self.functions {
                context.rpc().register(function)?;
            }
            check_plugins(&self.plugins)?;
            for plugin in &self.plugins {
                plugin
                    .setup(&context)
                    .await
                    .map_err(|source| BuildError::Plugin {
                        plugin: plugin.name().to_owned(),
                        source,
                    })?;
            }
            for function in context.rpc().list() {
                if let Some(missing) = context.missing_state(&function) {
                    let (function, place) = (function.name().to_owned(), function.place());
                    return Err(BuildError::MissingState {
                        function,
                        place,
                        missing,
                    });
                }
            }
            let functions = context.rpc().list();
            let own = functions
                .iter()
                .filter(|function| !is_built_in(function.name()));
            let own = own.count();
            if self.collected && own == 0 {
                tracing::warn!(
                    "the program has no functions: a crate that it depends on and never names is not linked, so write \
                     `use my_functions as _;`"
                );
            }
            tracing::debug!(functions = own, "built");
            Ok(DevTools::new(context, settings))
        })
    }

    /// [`build`](Self::build) and [`DevTools::bind`] in one.
    ///
    /// # Errors
    ///
    /// As the two.
    #[cfg(feature = "server")]
    pub async fn bind(
        self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<crate::Server, crate::ServeError> {
        self.build().await?.bind(address).await
    }

    /// [`build`](Self::build) and [`DevTools::serve`] in one.
    ///
    /// # Errors
    ///
    /// As the two.
    #[cfg(feature = "server")]
    pub async fn serve(
        self,
        address: impl tokio::net::ToSocketAddrs,
    ) -> Result<(), crate::ServeError> {
        self.build().await?.serve(address).await
    }
}

/// A layer without its type.
fn boxed<F, Fut>(layer: F) -> LayerFn
where
    F: Fn(LayerCall, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = LayerResult> + Send + 'static,
{
    Arc::new(move |call, next| Box::pin(layer(call, next)))
}

/// The annotated functions of the program that are `wanted`, in an order that does not depend on the linker.
fn collected(wanted: fn(&FunctionDefinition) -> bool) -> Vec<FunctionDefinition> {
    let mut functions: Vec<FunctionDefinition> = inventory::iter::<Registration>
        .into_iter()
        .map(|registration| (registration.0)())
        .filter(wanted)
        .collect();
    functions.sort_by(|a, b| {
        let order = |function: &FunctionDefinition| {
            let place = function.place();
            (place.package, place.file, place.line)
        };
        a.name().cmp(b.name()).then_with(|| order(a).cmp(&order(b)))
    });
    functions
}

/// Whether there is something to run for it.
pub(super) fn runs_on_server(function: &FunctionDefinition) -> bool {
    function.side() == Side::Server && !matches!(function.handler(), Handling::Declared)
}

/// Whether panels have it.
fn runs_on_client(function: &FunctionDefinition) -> bool {
    function.side() == Side::Client
}

/// An empty token is one that everybody has: that of a variable that is not set, mostly.
fn check_auth(auth: &Auth) -> Result<(), BuildError> {
    match auth {
        Auth::Gated(gate) if gate.fixed.iter().any(|token| token.secret.is_empty()) => {
            Err(BuildError::EmptyToken)
        }
        _ => Ok(()),
    }
}

/// Messages name plugins, so each has a name of its own.
fn check_plugins(plugins: &[BoxedPlugin]) -> Result<(), BuildError> {
    let mut names = HashSet::new();
    for plugin in plugins {
        if !names.insert(plugin.name()) {
            return Err(BuildError::DuplicatePlugin(plugin.name().to_owned()));
        }
    }
    Ok(())
}

fn check_base(base: String) -> Result<String, BuildError> {
    let is_path = base.starts_with('/') && base.ends_with('/') && !base.contains("//");
    if is_path {
        Ok(base)
    } else {
        Err(BuildError::Base(base))
    }
}

fn origins(origins: &[String]) -> Result<Vec<OriginPattern>, BuildError> {
    patterns(origins).map_err(|NoOrigin(origin)| BuildError::Origin(origin))
}

fn find_workspace_root(cwd: &Path) -> PathBuf {
    let is_root = |folder: &&Path| {
        WORKSPACE_MARKERS
            .iter()
            .any(|name| folder.join(name).exists())
    };
    cwd.ancestors().find(is_root).unwrap_or(cwd).to_owned()
}
