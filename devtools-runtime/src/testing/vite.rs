//! A mock of a Vite process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use crate::client::DevToolsRpcClient;
use crate::devtools::DevTools;
use crate::function::{CallError, NotifyError, RemoteError, RpcFunction as _, define_rpc_function};
use crate::mutex::Mutex;
use crate::peer::{ALIVE, Caller as _};
use crate::protocol::vite::{
    Attach, FileChange, FileEvent, FilesChanged, FindModule, HotUpdate, HotUpdated, INVOKE,
    ModuleCode, ModuleIds, ModulesTransformed, Restart, SendMessage, TransformEvent,
    TransformRequest, Urls, VERSION, ViteConfig, ViteModule, ViteProcess, ViteTransformed,
    ViteUrls,
};
use crate::vite::ViteServer;
use crate::wire::{Encoding, js};

/// A Vite process for tests: a module graph in memory, without Node.
///
/// It attaches as a real Vite process does, over the same functions, so
/// [`vite_config`](crate::DevToolsContext::vite_config) and [`vite_server`](crate::DevToolsContext::vite_server) work in the program.
///
/// ```
/// use devtools_runtime::testing::MockVite;
/// use devtools_runtime::vite::{FileChange, ViteConfig};
/// use devtools_runtime::{CallError, DevTools, DevToolsContext, rpc_function};
///
/// #[rpc_function(name = "docs-of-mock-vite:count-modules")]
/// async fn count_modules(ctx: &DevToolsContext) -> Result<usize, CallError> {
///     match ctx.vite_server() {
///         Some(vite) => Ok(vite.module_graph().ids().await?.len()),
///         None => Ok(0),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().without_collected().function(CountModules::definition()).build().await?;
/// let vite = MockVite::new(ViteConfig { root: "/project".into(), ..ViteConfig::default() })
///     .module("/project/src/main.ts", "export {}");
/// let vite = vite.attach(&devtools).await?;
///
/// assert_eq!(CountModules::call(&devtools.client()).await?, 1);
/// vite.file_event(FileChange::Change, "/project/src/main.ts").await?;
/// vite.detach().await;
/// assert_eq!(CountModules::call(&devtools.client()).await?, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[must_use = "the process is attached by `attach`"]
pub struct MockVite {
    config: ViteConfig,
    graphs: BTreeMap<String, Graph>,
    functions: BTreeMap<String, MockFunction>,
    urls: ViteUrls,
    without_server: bool,
}

/// The modules of an environment, by their ids.
type Graph = BTreeMap<String, MockModule>;

#[derive(Debug, Clone)]
struct MockModule {
    module: ViteModule,
    code: Option<String>,
}

/// A function of another plugin.
#[derive(Clone)]
struct MockFunction(Arc<dyn Fn(Vec<js::Value>) -> Result<js::Value, RemoteError> + Send + Sync>);

crate::debug_impl! { MockFunction => "a function" }

impl MockVite {
    /// Creates a process with this configuration, and an environment `client` without modules.
    pub fn new(config: ViteConfig) -> Self {
        Self {
            config,
            graphs: BTreeMap::from([("client".to_owned(), Graph::new())]),
            ..Self::default()
        }
    }

    /// Adds a module with its transformed code to the environment `client`. Its address is its id.
    pub fn module(self, id: impl Into<String>, code: impl Into<String>) -> Self {
        self.module_in("client", id, code)
    }

    /// Adds a module as [`module`](Self::module) does, to another environment.
    pub fn module_in(
        self,
        environment: impl Into<String>,
        id: impl Into<String>,
        code: impl Into<String>,
    ) -> Self {
        let (id, code) = (id.into(), code.into());
        let module = ViteModule {
            url: id.clone(),
            id,
            kind: "js".to_owned(),
            code_length: Some(code.encode_utf16().count()),
            ..ViteModule::default()
        };
        self.add(environment.into(), module, Some(code))
    }

    /// Adds a module that was not transformed yet, with all of its fields, to an environment.
    pub fn untransformed(self, environment: impl Into<String>, module: ViteModule) -> Self {
        self.add(environment.into(), module, None)
    }

    fn add(mut self, environment: String, module: ViteModule, code: Option<String>) -> Self {
        let graph = self.graphs.entry(environment).or_default();
        graph.insert(module.id.clone(), MockModule { module, code });
        self
    }

    /// Adds a function of another plugin, for [`ViteServer::invoke`](crate::vite::ViteServer::invoke).
    pub fn function(
        mut self,
        name: impl Into<String>,
        function: impl Fn(Vec<js::Value>) -> Result<js::Value, RemoteError> + Send + Sync + 'static,
    ) -> Self {
        self.functions
            .insert(name.into(), MockFunction(Arc::new(function)));
        self
    }

    crate::setters! {
        /// Sets the addresses at which the server listens. Default: none.
        pub fn urls(urls: ViteUrls) { urls = urls }

        /// Makes it a process that builds: it has a configuration and no server.
        pub fn without_server() { without_server = true }
    }

    /// Attaches the process to a program, until [`AttachedVite`] is dropped.
    ///
    /// # Errors
    ///
    /// If the program does not serve panels, because its mode is [`Mode::Build`](crate::Mode::Build).
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future detaches the process.
    pub async fn attach(self, devtools: &DevTools) -> Result<AttachedVite, CallError> {
        let client = devtools.client();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let transformed = transformed(&self.graphs);
        let restarts = Arc::new(Mutex::new(0));
        answer_graph(&client, self.graphs);
        answer_invoke(&client, self.functions);
        let sent = Arc::clone(&messages);
        client.register::<SendMessage>(move |_environment: String, event: String, data: Value| {
            sent.lock().push((event, data));
            async {}
        });
        let restarted = Arc::clone(&restarts);
        client.register::<Restart>(move || {
            *restarted.lock() += 1;
            async {}
        });
        let urls = self.urls;
        client.register::<Urls>(move || {
            let urls = urls.clone();
            async { urls }
        });
        let process = ViteProcess {
            protocol: VERSION,
            has_server: !self.without_server,
            vite_version: "0.0.0".to_owned(),
            config: self.config,
        };
        let peer = client.peer();
        peer.call::<Attach>(&(process,)).await?;
        // Sent as a call and not as an event, so that the listeners have run when the reply comes.
        let name = ModulesTransformed::NAME;
        peer.ask_optional(name, Encoding::Json, &(transformed,))
            .await?;
        let current = devtools.context().vite().watch();
        let session = current
            .borrow()
            .as_ref()
            .map(|server| server.session().id());
        Ok(AttachedVite {
            client,
            current,
            session,
            messages,
            restarts,
        })
    }
}

/// Returns the report of a process that attaches: the modules that it has transformed.
fn transformed(graphs: &BTreeMap<String, Graph>) -> Vec<TransformEvent> {
    let modules = graphs.iter().flat_map(|(environment, graph)| {
        graph.values().filter_map(|known| {
            Some(TransformEvent {
                environment: environment.clone(),
                id: known.module.id.clone(),
                code_length: known.module.code_length?,
            })
        })
    });
    modules.collect()
}

/// Answers the questions about modules.
fn answer_graph(client: &DevToolsRpcClient, graphs: BTreeMap<String, Graph>) {
    let graphs = Arc::new(graphs);
    let of_ids = Arc::clone(&graphs);
    client.register::<ModuleIds>(move |environment: String| {
        let graph = of_ids.get(&environment);
        let ids = graph.map_or_else(Vec::new, |graph| graph.keys().cloned().collect());
        async { ids }
    });
    let find = move |environment: &str, id: &str| graphs.get(environment)?.get(id).cloned();
    let of_modules = find.clone();
    client.register::<FindModule>(move |environment: String, id: String| {
        let found = of_modules(&environment, &id);
        async { found.map(|found| found.module) }
    });
    let of_code = find.clone();
    client.register::<ModuleCode>(move |environment: String, id: String| {
        let found = of_code(&environment, &id);
        async { found.and_then(|found| found.code) }
    });
    client.register::<TransformRequest>(move |environment: String, url: String| {
        let found = find(&environment, &url);
        async {
            found
                .and_then(|found| found.code)
                .map(|code| ViteTransformed {
                    code,
                    ..ViteTransformed::default()
                })
        }
    });
}

/// Answers `invoke`. It is not typed like the other functions, because it passes on the error of the invoked
/// function.
fn answer_invoke(client: &DevToolsRpcClient, functions: BTreeMap<String, MockFunction>) {
    let invoke = define_rpc_function(INVOKE)
        .encoding(Encoding::StructuredClone)
        .try_handler(
            // No arguments, `()`, are written as null.
            move |name: String, arguments: Option<Vec<js::Value>>| match functions.get(&name) {
                Some(function) => (function.0)(arguments.unwrap_or_default()),
                None => Err(RemoteError::new(format!("there is no function `{name}`"))),
            },
        );
    client.replace(invoke);
}

/// A [`MockVite`] that is attached to a program. Dropping it detaches the process.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::testing::MockVite;
/// use devtools_runtime::vite::{HotUpdate, ViteConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let vite = MockVite::new(ViteConfig::default()).attach(&devtools).await?;
/// let update = HotUpdate { environment: "client".to_owned(), file: "/src/main.ts".into(), ..HotUpdate::default() };
/// vite.hot_update(update).await?;
/// assert!(devtools.context().vite_server().is_some());
///
/// vite.detach().await;
/// assert!(devtools.context().vite_server().is_none());
/// # Ok(())
/// # }
/// ```
pub struct AttachedVite {
    client: DevToolsRpcClient,
    current: watch::Receiver<Option<ViteServer>>,
    /// The session of the process, if it has a server.
    session: Option<u64>,
    messages: Arc<Mutex<Vec<(String, Value)>>>,
    restarts: Arc<Mutex<usize>>,
}

impl AttachedVite {
    /// Tells the program of a change on disk. Its listeners have run when this returns.
    ///
    /// # Errors
    ///
    /// If the program has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may drop the event.
    pub async fn file_event(
        &self,
        event: FileChange,
        path: impl Into<PathBuf>,
    ) -> Result<(), NotifyError> {
        let path = path.into();
        let files = vec![FileEvent { event, path }];
        let peer = self.client.peer();
        peer.notify::<FilesChanged>(&(files,)).await?;
        self.flush().await
    }

    /// Tells the program of a hot update. Its listeners have run when this returns.
    ///
    /// # Errors
    ///
    /// If the program has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may drop the event.
    pub async fn hot_update(&self, update: HotUpdate) -> Result<(), NotifyError> {
        let peer = self.client.peer();
        peer.notify::<HotUpdated>(&(update,)).await?;
        self.flush().await
    }

    /// Tells the program of a module that was transformed. Its listeners have run when this returns.
    ///
    /// # Errors
    ///
    /// If the program has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may drop the event.
    pub async fn transformed(&self, module: TransformEvent) -> Result<(), NotifyError> {
        let peer = self.client.peer();
        peer.notify::<ModulesTransformed>(&(vec![module],)).await?;
        self.flush().await
    }

    /// Waits until the program has handled all earlier messages: handlers start in the order of their requests.
    async fn flush(&self) -> Result<(), NotifyError> {
        let peer = self.client.peer();
        let answered = peer.ask_optional(ALIVE, Encoding::Json, &()).await;
        answered.map(drop).map_err(|_| NotifyError::Disconnected)
    }

    /// Returns the custom messages that the program has sent to pages, with their names, oldest first.
    pub fn messages(&self) -> Vec<(String, Value)> {
        self.messages.lock().clone()
    }

    /// Returns how often the program has restarted the server.
    pub fn restarts(&self) -> usize {
        *self.restarts.lock()
    }

    /// Detaches the process, and waits until the program knows.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future detaches the process all the same.
    pub async fn detach(mut self) {
        self.client.close();
        let session = self.session;
        let is_gone = |server: &Option<ViteServer>| {
            let current = server.as_ref().map(|server| server.session().id());
            session.is_none() || current != session
        };
        // An error means that the program is gone too.
        let _ = self.current.wait_for(is_gone).await;
    }
}

crate::debug_impl! { AttachedVite { .. } }
