//! Registering, listing and removing commands.

use std::sync::Arc;

use crate::function::RemoteError;
use crate::host::context::DevToolsContext;
use crate::host::docks::command::Command;
use crate::host::docks::command_list::{CommandHandler, Executing};
use crate::host::docks::own_states::{COMMANDS, OWN};
use crate::state::SharedState;
use crate::wire::js;

/// The commands of a context, from [`DevToolsContext::commands`]. A user finds them in the palette of the interface, and a
/// [`LauncherDock`](crate::docks::LauncherDock) runs one.
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

/// The reason for which a command was not registered.
///
/// ```
/// use devtools_runtime::docks::{Command, CommandError};
/// use devtools_runtime::{DevTools, js};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let child = Command::new("my-plugin:clear:all", "All caches");
/// let commands = devtools.context().commands();
/// let added = commands.register_under("my-plugin:clear", child, |_| async { Ok(js::Value::Undefined) });
/// assert_eq!(added, Err(CommandError::Unknown("my-plugin:clear".to_owned())));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Another command has the id.
    #[error("a command with the id `{0}` exists already: choose another id")]
    Duplicate(String),
    /// There is no command with the id of the parent.
    #[error("no command has the id `{0}`: register the parent first")]
    Unknown(String),
}

impl DevToolsContext {
    /// Returns the commands that users can run by name.
    pub fn commands(&self) -> Commands<'_> {
        Commands::new(self)
    }
}

impl<'a> Commands<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Adds a command. `handler` gets the arguments that a client passes, and its result is the reply.
    ///
    /// # Errors
    ///
    /// [`CommandError::Duplicate`] if another command has the id.
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

    /// Adds a command under another one.
    ///
    /// # Errors
    ///
    /// [`CommandError::Duplicate`] if another command has the id, [`CommandError::Unknown`] if no command has the id
    /// `parent`.
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
        // Before the list is locked, because listeners for new states may read the list.
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

    /// Removes a command and those under it. Returns `false` if no command has this id.
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

    /// Returns the commands, in the order in which they were registered. Commands under another one are its
    /// [`children`](Command::children).
    pub fn list(self) -> Vec<Command> {
        self.context.command_list().lock().commands.clone()
    }

    /// Opens the shared state by which the interface reads the commands.
    fn shared(self) -> Option<SharedState<Vec<Command>>> {
        let states = self.context.states();
        states
            .open_own(COMMANDS, Vec::new(), OWN)
            .inspect_err(|error| tracing::warn!(%error, "the shared state with the commands could not be updated, so interfaces show old ones"))
            .ok()
    }
}

/// Sends the commands to the clients.
fn tell(shared: Option<&SharedState<Vec<Command>>>, commands: &[Command]) {
    if let Some(Err(error)) = shared.map(|shared| shared.set(commands.to_vec())) {
        tracing::warn!(%error, "the shared state with the commands could not be updated, so interfaces show old ones");
    }
}

/// Finds a command by its id, at any depth.
fn find<'c>(commands: &'c mut [Command], id: &str) -> Option<&'c mut Command> {
    commands.iter_mut().find_map(|command| {
        if command.id == id {
            Some(command)
        } else {
            find(&mut command.children, id)
        }
    })
}

/// Removes the command of this id, and adds its id and those of its children to `taken`.
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
