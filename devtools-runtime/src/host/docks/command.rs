//! A command, as the interface shows it ([protocol 13.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#133-commands)).

use serde::{Deserialize, Serialize};

/// A command, as the interface shows it.
///
/// ```
/// use devtools_runtime::docks::Command;
/// use devtools_runtime::{DevTools, js};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let command = Command::new("my-plugin:restart", "Restart")
///     .description("Restarts the server of the plugin")
///     .icon("ph:arrow-clockwise")
///     .keybinding("Mod+Shift+R");
/// devtools.context().commands().register(command, |_arguments| async { Ok(js::Value::Undefined) })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "a command is shown once it is registered"]
pub struct Command {
    pub(super) id: String,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keybindings: Vec<Keybinding>,
    source: CommandSource,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Keybinding {
    key: String,
}

/// The side on which a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CommandSource {
    Server,
}

impl Command {
    /// Creates a command. The id is `scope:name`, and must differ from the ids of all other commands.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            description: None,
            icon: None,
            category: None,
            when: None,
            keybindings: Vec::new(),
            source: CommandSource::Server,
            children: Vec::new(),
        }
    }

    crate::setters! {
        /// Sets the text that explains the command to a user.
        pub fn description(description: impl Into<String>) { description = Some(description.into()) }

        /// Sets the icon, such as `ph:play`.
        pub fn icon(icon: impl Into<String>) { icon = Some(icon.into()) }

        /// Sets the category under which the interface lists the command.
        pub fn category(category: impl Into<String>) { category = Some(category.into()) }

        /// Sets when the command can be used: an expression that the interface evaluates.
        pub fn when(expression: impl Into<String>) { when = Some(expression.into()) }
    }

    /// Adds a key combination that runs the command, such as `Mod+K`.
    pub fn keybinding(mut self, key: impl Into<String>) -> Self {
        self.keybindings.push(Keybinding { key: key.into() });
        self
    }

    /// Returns the id, `scope:name`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the commands under this one, in the order in which they were registered.
    pub fn children(&self) -> &[Command] {
        &self.children
    }
}
