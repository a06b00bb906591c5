//! Plugins, which fill a context with state, functions and views.

use std::pin::Pin;

use crate::function::BoxError;
use crate::host::context::DevToolsContext;

/// The error of a plugin's setup. Any error type and any string convert into it.
///
/// ```
/// use devtools_runtime::SetupError;
///
/// /// Reads the port from the settings of a plugin.
/// fn port(text: &str) -> Result<u16, SetupError> {
///     let port: u16 = text.parse()?;
///     if port < 1024 {
///         return Err(format!("the port {port} needs the rights of an administrator").into());
///     }
///     Ok(port)
/// }
///
/// assert!(port("http").is_err() && port("80").is_err());
/// ```
pub type SetupError = BoxError;

/// A plugin of a tool. Its setup fills the context before the first panel connects.
///
/// ```
/// use devtools_runtime::{DevToolsContext, DevToolsPlugin, PluginState, SetupError};
///
/// #[derive(PluginState)]
/// struct Metrics {
///     data: std::path::PathBuf,
/// }
///
/// struct Analytics;
///
/// impl DevToolsPlugin for Analytics {
///     fn name(&self) -> &str {
///         "analytics"
///     }
///
///     async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
///         ctx.insert_state(Metrics { data: ctx.cwd().join("data") })?;
///         Ok(())
///     }
/// }
/// ```
pub trait DevToolsPlugin: Send + Sync + 'static {
    /// Returns the plugin's name, for messages.
    fn name(&self) -> &str;

    /// Adds state, functions and views to the context.
    ///
    /// Plugins are set up one after the other, in the order in which the builder received them.
    ///
    /// # Errors
    ///
    /// If the plugin cannot work. The server is not built then.
    fn setup(&self, ctx: &DevToolsContext) -> impl Future<Output = Result<(), SetupError>> + Send;

    /// Checks the context once all plugins are set up and all functions of the program are registered.
    ///
    /// # Errors
    ///
    /// If the plugin cannot work with what it found. The server is not built then.
    fn check(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let _ = ctx;
        Ok(())
    }
}

/// A plugin of any type.
pub(crate) struct BoxedPlugin(Box<dyn ErasedPlugin>);

trait ErasedPlugin: Send + Sync {
    fn name(&self) -> &str;
    fn setup<'a>(&'a self, ctx: &'a DevToolsContext) -> BoxedSetup<'a>;
    fn check(&self, ctx: &DevToolsContext) -> Result<(), SetupError>;
}

type BoxedSetup<'a> = Pin<Box<dyn Future<Output = Result<(), SetupError>> + Send + 'a>>;

impl<P: DevToolsPlugin> ErasedPlugin for P {
    fn name(&self) -> &str {
        DevToolsPlugin::name(self)
    }

    fn setup<'a>(&'a self, ctx: &'a DevToolsContext) -> BoxedSetup<'a> {
        Box::pin(DevToolsPlugin::setup(self, ctx))
    }

    fn check(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        DevToolsPlugin::check(self, ctx)
    }
}

impl BoxedPlugin {
    pub(crate) fn new(plugin: impl DevToolsPlugin) -> Self {
        Self(Box::new(plugin))
    }

    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    pub(crate) async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        self.0.setup(ctx).await
    }

    pub(crate) fn check(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        self.0.check(ctx)
    }
}

crate::debug_impl! { BoxedPlugin as it => "{}", it.name() }
