//! The module graph of a Vite environment.

use crate::function::CallError;
use crate::host::RpcSession;
use crate::peer::Caller as _;
use crate::protocol::vite::{FindModule, ModuleCode, ModuleIds, ViteModule};

/// The module graph of a Vite environment, from [`ViteServer::module_graph`](crate::vite::ViteServer::module_graph).
///
/// The graph stays in the Vite process. Each method asks for the current part of it.
///
/// ```
/// use devtools_runtime::vite::ViteModuleGraph;
/// use devtools_runtime::CallError;
///
/// /// Lists the modules that nothing imports.
/// async fn roots(graph: &ViteModuleGraph) -> Result<Vec<String>, CallError> {
///     let mut roots = Vec::new();
///     for id in graph.ids().await? {
///         let module = graph.module_by_id(&id).await?;
///         if module.is_some_and(|module| module.importers.is_empty()) {
///             roots.push(id);
///         }
///     }
///     Ok(roots)
/// }
/// ```
#[derive(Clone)]
pub struct ViteModuleGraph {
    session: RpcSession,
    environment: String,
}

impl ViteModuleGraph {
    pub(super) fn new(session: RpcSession, environment: String) -> Self {
        Self {
            session,
            environment,
        }
    }

    /// Returns the ids of all modules: `moduleGraph.idToModuleMap.keys()`.
    ///
    /// # Errors
    ///
    /// If there is no such environment, or the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn ids(&self) -> Result<Vec<String>, CallError> {
        let arguments = (self.environment.clone(),);
        self.session.peer().call::<ModuleIds>(&arguments).await
    }

    /// Returns the module of this id: `moduleGraph.getModuleById(id)`. Returns `None` if the graph has no such module.
    ///
    /// # Errors
    ///
    /// If there is no such environment, or the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn module_by_id(&self, id: &str) -> Result<Option<ViteModule>, CallError> {
        let arguments = (self.environment.clone(), id.to_owned());
        self.session.peer().call::<FindModule>(&arguments).await
    }

    /// Returns the code that the module of this id was transformed to. Returns `None` if the graph has no such module, or the module
    /// was not transformed yet.
    ///
    /// # Errors
    ///
    /// If there is no such environment, or the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn code(&self, id: &str) -> Result<Option<String>, CallError> {
        let arguments = (self.environment.clone(), id.to_owned());
        self.session.peer().call::<ModuleCode>(&arguments).await
    }
}

crate::debug_impl! { ViteModuleGraph as it { environment, session: it.session.id() } }
