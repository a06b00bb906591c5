//! The functions between a Vite process and the program that it is attached to, and their types. They belong to this crate, not to
//! the ecosystem's protocol ([protocol 16](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-vite)).

#![expect(
    clippy::exhaustive_structs,
    reason = "made by tests, and by programs that know their project, with struct update syntax"
)]

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of these functions. Both sides say theirs when they attach.
pub(crate) const VERSION: u32 = 1;

/// The name of the function that invokes a function of another plugin in Vite.
pub(crate) const INVOKE: &str = "devtools-runtime:vite:invoke";

functions! {
    /// Attaches a Vite process to the program, until the session ends.
    Attach = "devtools-runtime:vite:attach", Action, Server, Json,
    (process: ViteProcess) -> Attached;

    /// Returns the names that belong to the program now.
    GetNames = "devtools-runtime:vite:names", Query, Server, Json,
    () -> ProgramNames;

    /// Tells Vite that the program has created a view, a state or a channel. Vite then asks for the names. Until it has asked, further
    /// additions send no event.
    NamesAdded = "devtools-runtime:vite:names-added", Event, Client, Json,
    () -> ();

    /// Tells the program which files have changed.
    FilesChanged = "devtools-runtime:vite:files", Event, Server, Json,
    (files: Vec<FileEvent>) -> ();

    /// Tells the program which modules an environment updates.
    HotUpdated = "devtools-runtime:vite:hot-update", Event, Server, Json,
    (update: HotUpdate) -> ();

    /// Tells the program which modules were transformed.
    ModulesTransformed = "devtools-runtime:vite:transformed", Event, Server, Json,
    (modules: Vec<TransformEvent>) -> ();

    /// Returns the ids of the modules in the graph of an environment.
    ModuleIds = "devtools-runtime:vite:module-ids", Query, Client, Json,
    (environment: String) -> Vec<String>;

    /// Returns the module of an id.
    FindModule = "devtools-runtime:vite:module", Query, Client, Json,
    (environment: String, id: String) -> Option<ViteModule>;

    /// Returns the code that a module was transformed to.
    ModuleCode = "devtools-runtime:vite:code", Query, Client, Json,
    (environment: String, id: String) -> Option<String>;

    /// Transforms a module as if a page had requested it.
    TransformRequest = "devtools-runtime:vite:transform", Query, Client, Json,
    (environment: String, url: String) -> Option<ViteTransformed>;

    /// Sends a custom message to the pages of an environment.
    SendMessage = "devtools-runtime:vite:send", Event, Client, Json,
    (environment: String, event: String, data: Value) -> ();

    /// Restarts the Vite server.
    Restart = "devtools-runtime:vite:restart", Action, Client, Json,
    () -> ();

    /// Returns the addresses at which the Vite server listens.
    Urls = "devtools-runtime:vite:urls", Query, Client, Json,
    () -> ViteUrls;
}

/// The description of a Vite process, which it sends when it attaches.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ViteProcess {
    /// The version of these functions that the process knows.
    pub(crate) protocol: u32,
    /// Whether the process has a server. A build has none.
    #[serde(default)]
    pub(crate) has_server: bool,
    #[serde(default)]
    pub(crate) vite_version: String,
    pub(crate) config: ViteConfig,
}

/// The answer of the program to a Vite process that attaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attached {
    pub(crate) protocol: u32,
    #[serde(flatten)]
    pub(crate) names: ProgramNames,
}

/// The names that belong to a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProgramNames {
    /// The base paths of the views.
    pub(crate) views: Vec<String>,
    /// The keys of the shared states.
    pub(crate) states: Vec<String>,
    /// The names of the streaming channels.
    pub(crate) channels: Vec<String>,
}

/// The resolved configuration of a Vite project, without what cannot leave the Vite process, such as functions.
///
/// `env` holds the variables that Vite gives to the project's code. A function that returns the whole configuration puts them into a
/// static dump.
///
/// ```
/// use devtools_runtime::vite::ViteConfig;
/// use devtools_runtime::{DevToolsContext, rpc_function};
///
/// /// Whether the project uses a plugin. `false` if there is no Vite.
/// #[rpc_function(name = "docs-of-vite-config:uses-plugin")]
/// fn uses_plugin(ctx: &DevToolsContext, name: String) -> bool {
///     ctx.vite_config().is_some_and(|ViteConfig { plugins, .. }| plugins.contains(&name))
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ViteConfig {
    /// The root folder of the project.
    pub root: PathBuf,
    /// The public base path, such as `/`.
    pub base: String,
    /// `serve` or `build`.
    pub command: String,
    /// The mode, such as `development`.
    pub mode: String,
    /// The names of the plugins, in their order.
    pub plugins: Vec<String>,
    /// The configuration file. `None` if the project has none.
    pub config_file: Option<PathBuf>,
    /// The folder of Vite's cache.
    pub cache_dir: PathBuf,
    /// The folder of files that are served as they are. `None` if the project has none.
    pub public_dir: Option<PathBuf>,
    /// The folder of the `.env` files. `None` if they are not read.
    pub env_dir: Option<PathBuf>,
    /// The variables of `import.meta.env`.
    pub env: Map<String, Value>,
    /// The replacements of the option `define`.
    pub define: Map<String, Value>,
    /// The aliases of imports, in their order.
    pub alias: Vec<ViteAlias>,
    /// The names of the environments, such as `client` and `ssr`.
    pub environments: Vec<String>,
    /// The options of the server that are plain data.
    pub server: Map<String, Value>,
    /// The options of the build that are plain data.
    pub build: Map<String, Value>,
    /// Members that a newer plugin sends.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An alias of imports.
///
/// ```
/// use devtools_runtime::vite::ViteAlias;
///
/// /// Replaces a prefix as Vite does, where the alias is plain text.
/// fn resolve(import: &str, aliases: &[ViteAlias]) -> String {
///     let found = aliases.iter().find_map(|ViteAlias { find, replacement }| {
///         Some(format!("{replacement}{}", import.strip_prefix(find)?))
///     });
///     found.unwrap_or_else(|| import.to_owned())
/// }
///
/// let alias = ViteAlias { find: "@/".to_owned(), replacement: "/src/".to_owned() };
/// assert_eq!(resolve("@/main.ts", &[alias]), "/src/main.ts");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViteAlias {
    /// The text that is replaced, or a regular expression between slashes.
    pub find: String,
    /// The text in its place.
    pub replacement: String,
}

/// A module in the graph of a Vite environment.
///
/// ```
/// use devtools_runtime::testing::MockVite;
/// use devtools_runtime::vite::{ViteConfig, ViteModule};
///
/// /// A style sheet that was not transformed yet, for a test.
/// fn vite() -> MockVite {
///     let style = ViteModule {
///         id: "/src/app.css".to_owned(),
///         kind: "css".to_owned(),
///         importers: vec!["/src/main.ts".to_owned()],
///         ..ViteModule::default()
///     };
///     MockVite::new(ViteConfig::default()).untransformed("client", style)
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ViteModule {
    /// The id: the resolved path, often with a query.
    pub id: String,
    /// The address at which pages import the module.
    pub url: String,
    /// The file of the module. `None` for virtual modules.
    pub file: Option<PathBuf>,
    /// `js`, `css` or `asset`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The length of the transformed code in UTF-16 code units, as JavaScript counts. `None` if the module was not transformed yet.
    pub code_length: Option<usize>,
    /// The ids of the modules that import this one.
    pub importers: Vec<String>,
    /// The ids of the modules that this one imports.
    pub imported: Vec<String>,
    /// Whether the module accepts its own updates. `None` if that is not known yet.
    pub is_self_accepting: Option<bool>,
}

/// The result of a transformation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ViteTransformed {
    /// The code that the module was transformed to.
    pub code: String,
    /// The modules that it imports. Vite knows them for server-side environments only.
    pub deps: Vec<String>,
    /// The modules that it imports dynamically. Vite knows them for server-side environments only.
    pub dynamic_deps: Vec<String>,
}

/// The addresses at which a Vite server listens.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::testing::MockVite;
/// use devtools_runtime::vite::{ViteConfig, ViteUrls};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let urls = ViteUrls { local: vec!["http://localhost:5173/".to_owned()], ..ViteUrls::default() };
/// let attached = MockVite::new(ViteConfig::default()).urls(urls).attach(&devtools).await?;
///
/// let vite = devtools.context().vite().attached().await;
/// assert_eq!(vite.urls().await?.local, ["http://localhost:5173/"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ViteUrls {
    /// The addresses for this machine.
    pub local: Vec<String>,
    /// The addresses for other machines.
    pub network: Vec<String>,
}

/// A change on disk that Vite's watcher has seen.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use devtools_runtime::DevToolsContext;
/// use devtools_runtime::vite::FileEvent;
///
/// /// Collects the changes on disk that Vite reports.
/// fn collect(ctx: &DevToolsContext) -> Arc<Mutex<Vec<FileEvent>>> {
///     let events = Arc::new(Mutex::new(Vec::new()));
///     let sees = Arc::clone(&events);
///     ctx.vite().on_file_event(move |event| sees.lock().unwrap().push(event.clone()));
///     events
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an event of the watcher has a kind and a path"
)]
pub struct FileEvent {
    /// The kind of the change.
    pub event: FileChange,
    /// The absolute path of the file or folder.
    pub path: PathBuf,
}

/// The kind of a [`FileEvent`], named as Vite's watcher names its events.
///
/// ```
/// use devtools_runtime::vite::{FileChange, FileEvent};
///
/// /// Whether the list of files that a panel shows is another one after these events.
/// fn changes_the_list(events: &[FileEvent]) -> bool {
///     events.iter().any(|file| matches!(file.event, FileChange::Add | FileChange::Unlink))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FileChange {
    /// A file was added.
    Add,
    /// The content of a file has changed.
    Change,
    /// A file was removed.
    Unlink,
    /// A folder was added.
    AddDir,
    /// A folder was removed.
    UnlinkDir,
    /// A kind that this version does not know.
    #[serde(other)]
    Other,
}

/// A module that Vite has transformed.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use devtools_runtime::DevToolsContext;
///
/// /// Adds up the code that Vite has transformed for pages.
/// fn measure(ctx: &DevToolsContext) -> Arc<AtomicUsize> {
///     let total = Arc::new(AtomicUsize::new(0));
///     let sum = Arc::clone(&total);
///     ctx.vite().on_transform(move |module| {
///         if module.environment == "client" {
///             sum.fetch_add(module.code_length, Ordering::Relaxed);
///         }
///     });
///     total
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TransformEvent {
    /// The name of the environment, such as `client`.
    pub environment: String,
    /// The id of the module.
    pub id: String,
    /// The length of the code in UTF-16 code units, after all plugins and before Vite rewrites the imports.
    pub code_length: usize,
}

/// A hot update of an environment: Vite's hook `hotUpdate`.
///
/// ```
/// use devtools_runtime::DevToolsContext;
///
/// fn log_updates(ctx: &DevToolsContext) {
///     ctx.vite().on_hot_update(|update| {
///         println!("{}: {} modules of {}", update.environment, update.modules.len(), update.file.display());
///     });
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HotUpdate {
    /// The name of the environment, such as `client`.
    pub environment: String,
    /// `create`, `update` or `delete`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The file that has changed.
    pub file: PathBuf,
    /// The time of the change in milliseconds since the beginning of 1970.
    pub timestamp: u64,
    /// The ids of the modules that belong to the file.
    pub modules: Vec<String>,
}
