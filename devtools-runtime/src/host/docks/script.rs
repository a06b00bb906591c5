//! Scripts that the interface imports, and the views that use them.

use serde::{Deserialize, Serialize};

/// A script that the interface imports.
///
/// ```
/// use devtools_runtime::docks::ClientScript;
///
/// let script = ClientScript::new("/__my-plugin/action.js").import_name("run").eager();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct ClientScript {
    pub(crate) import_from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    import_name: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    eager: bool,
}

/// A view that runs a script when its entry is chosen.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{ActionDock, ClientScript, DockEntry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let script = ClientScript::new("/__my-plugin/inspect.js").import_name("inspect");
/// let entry = DockEntry::new("inspect", "Inspect", ActionDock::new(script).toggle());
/// devtools.context().docks().register(entry)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct ActionDock {
    pub(crate) action: ClientScript,
    #[serde(default, skip_serializing_if = "is_false")]
    toggle: bool,
}

/// A view that a script renders.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::{ClientScript, CustomRenderDock, DockEntry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let renderer = CustomRenderDock::new(ClientScript::new("/__my-plugin/render.js"));
/// devtools.context().docks().register(DockEntry::new("graph", "Graph", renderer))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct CustomRenderDock {
    pub(crate) renderer: ClientScript,
}

impl ClientScript {
    /// Imports the default export of a module. `import_from` is an address, or the name of a package that the interface
    /// resolves.
    pub fn new(import_from: impl Into<String>) -> Self {
        Self {
            import_from: import_from.into(),
            import_name: None,
            eager: false,
        }
    }

    crate::setters! {
        /// Imports the export of this name instead.
        pub fn import_name(name: impl Into<String>) { import_name = Some(name.into()) }

        /// Imports the script at once, and not when its entry is chosen.
        pub fn eager() { eager = true }
    }
}

impl ActionDock {
    /// Runs a script each time the entry is chosen.
    pub fn new(script: ClientScript) -> Self {
        let (action, toggle) = (script, false);
        Self { action, toggle }
    }

    /// Keeps the action active until the entry is chosen again.
    pub fn toggle(mut self) -> Self {
        self.toggle = true;
        self
    }
}

impl CustomRenderDock {
    /// Renders the view with this script.
    pub fn new(renderer: ClientScript) -> Self {
        Self { renderer }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}
