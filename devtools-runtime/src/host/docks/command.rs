//! Commands: what a user can have done by name ([protocol 13.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#133-commands)).

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::function::RemoteError;
use crate::host::DevToolsContext;
use crate::host::docks::listed::OWN;
use crate::state::SharedState;
use crate::wire::js;

/// The commands that the interface shows.
pub(super) const COMMANDS: &str = "devframe:commands";

/// The commands of a context, from [`DevToolsContext::commands`]: what a user finds in the palette of the interface, and
/// what a [`LauncherDock`](crate::docks::LauncherDock) runs.
///
/// ```
/// use devtools_runtime::docks::Command;
/// use devtools_runtime::{DevToolsContext, js};
///
/// # fn example(ctx: &DevToolsContext) -> Result<(), Box<dyn std::error::Error>> {
/// let command = Command::new("my-plugin:clear-cache", "Clear the cache").icon("ph:trash");
/// ctx.commands().register(command, |_arguments| async { Ok(js::Value::Undefined) })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Commands<'a> {
    context: &'a DevToolsContext,
}

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
    id: String,
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
    source: Source,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    children: Vec<Command>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Keybinding {
    key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Server,
}

/// Why a command was not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Another command has the id (DF8403).
    #[error("there is a command `{0}` already")]
    Duplicate(String),
    /// There is no command that the other one could stand under (DF8402).
    #[error("there is no command `{0}`")]
    Unknown(String),
}

/// The commands of a context.
#[derive(Default)]
pub(crate) struct CommandList(Mutex<Registered>);

#[derive(Default)]
struct Registered {
    commands: Vec<Command>,
    handlers: HashMap<String, CommandHandler>,
}

type CommandHandler = Arc<dyn Fn(Vec<js::Value>) -> Executing + Send + Sync>;

/// A command that runs.
pub(crate) type Executing = Pin<Box<dyn Future<Output = Result<js::Value, RemoteError>> + Send>>;

impl Command {
    /// A command of this id, which no other has: `scope:name`.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            description: None,
            icon: None,
            category: None,
            when: None,
            keybindings: Vec::new(),
            source: Source::Server,
            children: Vec::new(),
        }
    }

    /// What a user is told of it.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Its icon, such as `ph:play`.
    pub fn icon(mut self, icon: impl Into<String>) -> Self {
        self.icon = Some(icon.into());
        self
    }

    /// What it belongs to.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// When it can be used: an expression that the interface evaluates.
    pub fn when(mut self, expression: impl Into<String>) -> Self {
        self.when = Some(expression.into());
        self
    }

    /// Keys that run it, such as `Mod+K`.
    pub fn keybinding(mut self, key: impl Into<String>) -> Self {
        self.keybindings.push(Keybinding { key: key.into() });
        self
    }

    /// The id, `scope:name`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The commands that stand under it, in the order in which they were registered.
    pub fn children(&self) -> &[Command] {
        &self.children
    }
}

impl<'a> Commands<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Adds a command. `handler` gets what a client passes, and returns what the client gets.
    ///
    /// # Errors
    ///
    /// If another command has its id.
    pub fn register<Fut>(
        self,
        command: Command,
        handler: impl Fn(Vec<js::Value>) -> Fut + Send + Sync + 'static,
    ) -> Result<(), CommandError>
    where
        Fut: Future<Output = Result<js::Value, RemoteError>> + Send + 'static,
    {
        self.add(
            None,
            command,
            Arc::new(move |arguments| Box::pin(handler(arguments))),
        )
    }

    /// Adds a command that stands under another one.
    ///
    /// # Errors
    ///
    /// If another command has its id, or there is none of the id `parent`.
    pub fn register_under<Fut>(
        self,
        parent: &str,
        command: Command,
        handler: impl Fn(Vec<js::Value>) -> Fut + Send + Sync + 'static,
    ) -> Result<(), CommandError>
    where
        Fut: Future<Output = Result<js::Value, RemoteError>> + Send + 'static,
    {
        let handler = move |arguments| Box::pin(handler(arguments)) as Executing;
        self.add(Some(parent), command, Arc::new(handler))
    }

    fn add(
        self,
        parent: Option<&str>,
        command: Command,
        handler: CommandHandler,
    ) -> Result<(), CommandError> {
        // Before the list is locked: whoever hears of new states may look at it.
        let shared = self.shared();
        let mut guard = self.context.command_list().lock();
        let registered = &mut *guard;
        if registered.handlers.contains_key(&command.id) {
            return Err(CommandError::Duplicate(command.id));
        }
        let siblings = match parent {
            None => &mut registered.commands,
            Some(parent) => {
                let found = find(&mut registered.commands, parent);
                let unknown = || CommandError::Unknown(parent.to_owned());
                &mut found.ok_or_else(unknown)?.children
            }
        };
        registered.handlers.insert(command.id.clone(), handler);
        siblings.push(command);
        tell(shared.as_ref(), &registered.commands);
        Ok(())
    }

    /// Takes a command out, with those that stand under it. `false` if there is none of this id.
    pub fn remove(self, id: &str) -> bool {
        let shared = self.shared();
        let mut registered = self.context.command_list().lock();
        let mut taken = Vec::new();
        take(&mut registered.commands, id, &mut taken);
        for id in &taken {
            registered.handlers.remove(id);
        }
        tell(shared.as_ref(), &registered.commands);
        !taken.is_empty()
    }

    /// The commands, in the order in which they were registered. Those that stand under another one are its
    /// [`children`](Command::children).
    pub fn list(self) -> Vec<Command> {
        self.context.command_list().lock().commands.clone()
    }

    /// What the interface reads of the commands.
    fn shared(self) -> Option<SharedState<Vec<Command>>> {
        let states = self.context.states();
        states
            .open_own(COMMANDS, Vec::new(), OWN)
            .inspect_err(|error| tracing::warn!(%error, "clients are not told of commands"))
            .ok()
    }
}

/// Tells the clients.
fn tell(shared: Option<&SharedState<Vec<Command>>>, commands: &[Command]) {
    if let Some(Err(error)) = shared.map(|shared| shared.set(commands.to_vec())) {
        tracing::warn!(%error, "clients are not told of commands");
    }
}

/// The command of this id, wherever it stands.
fn find<'c>(commands: &'c mut [Command], id: &str) -> Option<&'c mut Command> {
    commands.iter_mut().find_map(|command| {
        if command.id == id {
            Some(command)
        } else {
            find(&mut command.children, id)
        }
    })
}

/// Takes the command of this id out, and says which ids are free.
fn take(commands: &mut Vec<Command>, id: &str, taken: &mut Vec<String>) {
    commands.retain_mut(|command| {
        if command.id == id {
            ids_of(command, taken);
            return false;
        }
        take(&mut command.children, id, taken);
        true
    });
}

fn ids_of(command: &Command, ids: &mut Vec<String>) {
    ids.push(command.id.clone());
    command.children.iter().for_each(|child| ids_of(child, ids));
}

impl CommandList {
    /// Begins to run a command; `None` if there is none of this id.
    pub(crate) fn execute(&self, id: &str, arguments: Vec<js::Value>) -> Option<Executing> {
        let handler = self.lock().handlers.get(id).map(Arc::clone)?;
        Some(handler(arguments))
    }

    fn lock(&self) -> MutexGuard<'_, Registered> {
        // No critical section can leave the lists half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CommandList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().handlers.keys()).finish()
    }
}
