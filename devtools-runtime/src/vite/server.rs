//! The handle to an attached Vite server. Each of its calls is a round trip to the Vite process.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::function::{CallError, NotifyError, RpcFunction as _};
use crate::host::RpcSession;
use crate::peer::Caller as _;
use crate::protocol::vite::{
    INVOKE, Restart, SendMessage, TransformRequest, Urls, ViteTransformed, ViteUrls,
};
use crate::vite::graph::ViteModuleGraph;

/// The environment of the pages.
const CLIENT: &str = "client";

/// A handle to the Vite server that is attached to a program, from [`DevToolsContext::vite_server`](crate::DevToolsContext::vite_server).
/// Cloning is cheap, and all clones are the same server.
///
/// Each method asks the Vite process and waits for its answer. When the process is gone, the calls fail with
/// [`CallError::Disconnected`].
///
/// ```
/// use devtools_runtime::{CallError, DevToolsContext, rpc_function};
///
/// /// The length of each transformed module.
/// #[rpc_function(name = "docs-of-vite:get-lengths")]
/// async fn get_lengths(ctx: &DevToolsContext) -> Result<Vec<(String, usize)>, CallError> {
///     let Some(vite) = ctx.vite_server() else {
///         return Ok(Vec::new()); // no Vite is attached
///     };
///     let graph = vite.module_graph();
///     let mut lengths = Vec::new();
///     for id in graph.ids().await? {
///         let module = graph.module_by_id(&id).await?;
///         if let Some(length) = module.and_then(|module| module.code_length) {
///             lengths.push((id, length));
///         }
///     }
///     Ok(lengths)
/// }
/// ```
#[derive(Clone)]
pub struct ViteServer {
    session: RpcSession,
    version: Arc<str>,
}

impl ViteServer {
    pub(super) fn new(session: RpcSession, version: String) -> Self {
        Self {
            session,
            version: version.into(),
        }
    }

    pub(crate) fn session(&self) -> &RpcSession {
        &self.session
    }

    /// The version of Vite, such as `8.4.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the module graph of the pages: that of the environment `client`.
    pub fn module_graph(&self) -> ViteModuleGraph {
        self.environment(CLIENT).module_graph()
    }

    /// Returns the environment of this name, such as `ssr`. If Vite does not have the environment, its calls fail.
    pub fn environment(&self, name: impl Into<String>) -> ViteEnvironment {
        ViteEnvironment {
            session: self.session.clone(),
            name: name.into(),
        }
    }

    /// Transforms the module at `url` as [`ViteEnvironment::transform_request`] does, in the environment `client`.
    ///
    /// # Errors
    ///
    /// As that method.
    ///
    /// # Cancel safety
    ///
    /// As that method.
    pub async fn transform_request(&self, url: &str) -> Result<Option<ViteTransformed>, CallError> {
        self.environment(CLIENT).transform_request(url).await
    }

    /// Invokes a function that another plugin has registered in Vite's `DevTools`, as its `invokeLocal` does. `arguments` is a tuple,
    /// or another value that serializes as an array. The values travel as structured clone.
    ///
    /// # Errors
    ///
    /// [`CallError::Remote`] if there is no such function or if it fails, another variant if the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The function may run all the same.
    pub async fn invoke<T: DeserializeOwned>(
        &self,
        name: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        self.session
            .call_structured(INVOKE, (name, arguments))
            .await
    }

    /// Sends a custom message to all pages, which receive it with `import.meta.hot.on(event, …)`.
    ///
    /// # Errors
    ///
    /// If `data` cannot be written as JSON, or the Vite process is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may drop the message.
    pub async fn send(&self, event: &str, data: impl Serialize) -> Result<(), NotifyError> {
        self.environment(CLIENT).send(event, data).await
    }

    /// Restarts the Vite server. The attachment ends with the old server, and the new one attaches again. This returns before
    /// that: if Vite cannot restart, its own log says why.
    ///
    /// # Errors
    ///
    /// If the Vite process is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The server restarts all the same.
    pub async fn restart(&self) -> Result<(), CallError> {
        self.session.peer().call::<Restart>(&()).await
    }

    /// Returns the addresses at which the Vite server listens. They are empty until it listens.
    ///
    /// # Errors
    ///
    /// If the Vite process is gone.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn urls(&self) -> Result<ViteUrls, CallError> {
        self.session.peer().call::<Urls>(&()).await
    }

    /// Returns whether the Vite process is gone.
    pub fn is_closed(&self) -> bool {
        self.session.is_closed()
    }

    /// Waits until the Vite process is gone.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn closed(&self) {
        self.session.closed().await;
    }
}

crate::debug_impl! { ViteServer as it { version, session: it.session.id() } }

/// An environment of a Vite server, from [`ViteServer::environment`].
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::testing::MockVite;
/// use devtools_runtime::vite::ViteConfig;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let vite = MockVite::new(ViteConfig::default()).module_in("ssr", "/src/server.ts", "export {}");
/// let attached = vite.attach(&devtools).await?;
///
/// let ssr = devtools.context().vite().attached().await.environment("ssr");
/// let code = ssr.module_graph().code("/src/server.ts").await?;
/// assert_eq!((ssr.name(), code.as_deref()), ("ssr", Some("export {}")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ViteEnvironment {
    session: RpcSession,
    name: String,
}

impl ViteEnvironment {
    /// Returns the name of the environment.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the module graph of the environment.
    pub fn module_graph(&self) -> ViteModuleGraph {
        ViteModuleGraph::new(self.session.clone(), self.name.clone())
    }

    /// Transforms the module at `url`, such as `/src/main.ts`, as if a page had requested it. Returns `None` if the environment has no
    /// such module.
    ///
    /// # Errors
    ///
    /// [`CallError::Remote`] if a plugin of Vite fails, or if there is no such environment. Another variant if the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the reply. The module may be transformed all the same.
    pub async fn transform_request(&self, url: &str) -> Result<Option<ViteTransformed>, CallError> {
        let arguments = (self.name.clone(), url.to_owned());
        self.session
            .peer()
            .call::<TransformRequest>(&arguments)
            .await
    }

    /// Sends a custom message to the code that runs in the environment, as [`ViteServer::send`] does to pages.
    ///
    /// # Errors
    ///
    /// If `data` cannot be written as JSON, or the Vite process is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future may drop the message.
    pub async fn send(&self, event: &str, data: impl Serialize) -> Result<(), NotifyError> {
        let data: Value = serde_json::to_value(data).map_err(|error| NotifyError::Encode {
            function: SendMessage::NAME.to_owned(),
            source: error.into(),
        })?;
        let message = (self.name.clone(), event.to_owned(), data);
        self.session.peer().notify::<SendMessage>(&message).await
    }
}

crate::debug_impl! { ViteEnvironment as it { name, session: it.session.id() } }
