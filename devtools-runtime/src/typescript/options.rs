//! What can be said about the declarations.

/// How the declarations are written, see [`DevTools::typescript_with`](crate::DevTools::typescript_with).
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::typescript::TypeScriptOptions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let options = TypeScriptOptions::new().prefix("MyPlugin").without_augmentation();
/// let text = devtools.typescript_with(&options)?;
/// assert!(!text.contains("declare module"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct TypeScriptOptions {
    pub(super) prefix: Option<String>,
    pub(super) augmented: Vec<(String, String)>,
    pub(super) scopes: Vec<String>,
}

impl Default for TypeScriptOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl TypeScriptOptions {
    /// The defaults.
    pub fn new() -> Self {
        let module = |module: &str, prefix: &str| (module.to_owned(), prefix.to_owned());
        Self {
            prefix: None,
            augmented: vec![
                module("@vitejs/devtools-kit", "DevToolsRpc"),
                module("devframe/types", "DevframeRpc"),
            ],
            scopes: Vec::new(),
        }
    }

    /// What the names of the interfaces begin with: `MyPlugin` for `MyPluginServerFunctions`. Default: the scope of the functions, channels
    /// and shared states, if they have one, `DevTools` otherwise.
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self {
            prefix: Some(prefix.into()),
            ..self
        }
    }

    /// Augments the interfaces of another module, too: those whose names begin with `prefix`, which are `prefix` +
    /// `ServerFunctions`, `ClientFunctions` and `SharedStates`. Default: `@vitejs/devtools-kit` with `DevToolsRpc`, and `devframe/types` with `DevframeRpc`.
    pub fn augment(mut self, module: impl Into<String>, prefix: impl Into<String>) -> Self {
        self.augmented.push((module.into(), prefix.into()));
        self
    }

    /// Augments no module but those that [`augment`](Self::augment) names from here on: without any, the interfaces are only exported.
    pub fn without_augmentation(self) -> Self {
        Self {
            augmented: Vec::new(),
            ..self
        }
    }

    /// Writes only the functions, channels and shared states of this scope, and of others that are asked for so. Default: all but those that
    /// are `devframe`'s own.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }
}
