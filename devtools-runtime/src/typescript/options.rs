//! The options of generated declarations.

/// The options of generated declarations. See [`DevTools::typescript_with`](crate::DevTools::typescript_with).
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

crate::default_is_new!(TypeScriptOptions);

impl TypeScriptOptions {
    /// Creates options with the defaults.
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

    crate::setters! {
        /// Sets the beginning of the interfaces' names: `MyPlugin` for `MyPluginServerFunctions`. Default: the scope of
        /// the functions, channels and shared states if there is only one, otherwise `DevTools`.
        pub fn prefix(prefix: impl Into<String>) { prefix = Some(prefix.into()) }

        /// Also augments the interfaces of another module whose names are `prefix` + `ServerFunctions`, `ClientFunctions`
        /// and `SharedStates`. Default: `@vitejs/devtools-kit` with `DevToolsRpc`, and `devframe/types` with
        /// `DevframeRpc`.
        pub fn augment(module: impl Into<String>, prefix: impl Into<String>) {
            augmented.push((module.into(), prefix.into()))
        }

        /// Augments only the modules that [`augment`](Self::augment) names after this call. If there are none, the
        /// interfaces are only exported.
        pub fn without_augmentation() { augmented = Vec::new() }

        /// Writes only the functions, channels and shared states of this scope. Call it again to add further scopes.
        /// Default: all scopes but `devframe`'s own.
        pub fn scope(scope: impl Into<String>) { scopes.push(scope.into()) }
    }
}
