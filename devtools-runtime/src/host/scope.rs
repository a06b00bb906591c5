//! Access to the functions of one plugin by their short names.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{CallError, FunctionDefinition};
use crate::host::context::DevToolsContext;
use crate::host::register::RegisterError;
use crate::state::{SharedState, SharedStateError, SharedValue};

/// Access to the functions of one plugin by names without its scope, from [`DevToolsContext::scope`].
///
/// ```
/// use devtools_runtime::context::RegisterError;
/// use devtools_runtime::{DevToolsContext, define_rpc_function};
///
/// # fn example(ctx: &DevToolsContext) -> Result<(), RegisterError> {
/// let scope = ctx.scope("my-plugin");
/// scope.register(define_rpc_function("get-data").query().handler(|| 42))?;
/// assert!(scope.has("get-data") && ctx.rpc().has("my-plugin:get-data"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ScopedContext {
    context: DevToolsContext,
    scope: Cow<'static, str>,
}

impl DevToolsContext {
    /// Returns the functions of the plugin `scope`. Their names are written without the scope.
    pub fn scope(&self, scope: impl Into<Cow<'static, str>>) -> ScopedContext {
        ScopedContext::new(self.clone(), scope.into())
    }
}

impl ScopedContext {
    pub(crate) fn new(context: DevToolsContext, scope: Cow<'static, str>) -> Self {
        Self { context, scope }
    }

    /// Returns the context itself.
    pub fn context(&self) -> &DevToolsContext {
        &self.context
    }

    /// Returns the full name of a function: `my-plugin:get-data` for `get-data`.
    pub fn name(&self, function: &str) -> String {
        format!("{}:{function}", self.scope)
    }

    /// Calls [`RpcHost::register`](crate::context::RpcHost::register) for a function whose name has no scope yet.
    ///
    /// # Errors
    ///
    /// As there, and if the name has a scope.
    pub fn register(&self, function: FunctionDefinition) -> Result<(), RegisterError> {
        self.context.rpc().register(self.scoped(function)?)
    }

    /// Calls [`RpcHost::force`](crate::context::RpcHost::force) for a function whose name has no scope yet.
    ///
    /// # Errors
    ///
    /// As there, and if the name has a scope.
    pub fn force(&self, function: FunctionDefinition) -> Result<(), RegisterError> {
        self.context.rpc().force(self.scoped(function)?)
    }

    /// Calls [`RpcHost::update`](crate::context::RpcHost::update) for a function whose name has no scope yet.
    ///
    /// # Errors
    ///
    /// As there, and if the name has a scope.
    pub fn update(&self, function: FunctionDefinition) -> Result<(), RegisterError> {
        self.context.rpc().update(self.scoped(function)?)
    }

    /// Calls [`RpcHost::unregister`](crate::context::RpcHost::unregister) with the full name.
    pub fn unregister(&self, function: &str) -> bool {
        self.context.rpc().unregister(&self.name(function))
    }

    /// Calls [`RpcHost::get`](crate::context::RpcHost::get) with the full name.
    pub fn get(&self, function: &str) -> Option<FunctionDefinition> {
        self.context.rpc().get(&self.name(function))
    }

    /// Calls [`RpcHost::has`](crate::context::RpcHost::has) with the full name.
    pub fn has(&self, function: &str) -> bool {
        self.context.rpc().has(&self.name(function))
    }

    /// Returns the functions of this plugin, sorted by name.
    pub fn list(&self) -> Vec<FunctionDefinition> {
        let prefix = self.name("");
        let mut functions = self.context.rpc().list();
        functions.retain(|function| function.name().starts_with(&prefix));
        functions
    }

    /// Calls [`RpcHost::invoke_local`](crate::context::RpcHost::invoke_local) with the full name.
    ///
    /// # Errors
    ///
    /// As [`RpcHost::invoke_local`](crate::context::RpcHost::invoke_local).
    ///
    /// # Cancel safety
    ///
    /// As [`RpcHost::invoke_local`](crate::context::RpcHost::invoke_local).
    pub async fn invoke_local<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let name = self.name(function);
        self.context.rpc().invoke_local(&name, arguments).await
    }

    /// Calls [`RpcHost::shared_state`](crate::context::RpcHost::shared_state) for a key that has no scope yet.
    ///
    /// ```
    /// # use devtools_runtime::DevTools;
    /// # use devtools_runtime::state::SharedStateError;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let devtools = DevTools::builder().without_collected().build().await?;
    /// # let ctx = devtools.context();
    /// let count = ctx.scope("my-plugin").shared_state("count", 0)?;
    /// assert_eq!(count.key(), "my-plugin:count");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RpcHost::shared_state`](crate::context::RpcHost::shared_state).
    pub fn shared_state<T: SharedValue>(
        &self,
        key: &str,
        initial: T,
    ) -> Result<SharedState<T>, SharedStateError> {
        let key = self.name(key);
        self.context.rpc().shared_state(&key, initial)
    }

    fn scoped(&self, function: FunctionDefinition) -> Result<FunctionDefinition, RegisterError> {
        if function.name().contains(':') {
            return Err(RegisterError::Scoped {
                name: function.owned_name(),
                scope: self.scope.clone(),
            });
        }
        let name = self.name(function.name());
        Ok(function.renamed(name))
    }
}
