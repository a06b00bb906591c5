//! The registered commands and their handlers.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};

use crate::function::RemoteError;
use crate::host::docks::command::Command;
use crate::mutex::Mutex;
use crate::wire::js;

/// The registered commands and their handlers.
#[derive(Default)]
pub(crate) struct CommandList(Mutex<Registered>);

#[derive(Default)]
pub(super) struct Registered {
    pub(super) commands: Vec<Command>,
    pub(super) handlers: HashMap<String, CommandHandler>,
}

/// A handler that runs a command.
pub(super) type CommandHandler = Arc<dyn Fn(Vec<js::Value>) -> Executing + Send + Sync>;

/// A running command.
pub(crate) type Executing = Pin<Box<dyn Future<Output = Result<js::Value, RemoteError>> + Send>>;

impl CommandList {
    /// Starts a command. Returns `None` if no command has this id.
    pub(crate) fn execute(&self, id: &str, arguments: Vec<js::Value>) -> Option<Executing> {
        let handler = self.lock().handlers.get(id).map(Arc::clone)?;
        Some(handler(arguments))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Registered> {
        self.0.lock()
    }
}

crate::debug_impl! { CommandList as it [it.lock().handlers.keys()] }
