//! The functions of the dock that the interface calls ([protocol 13.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#134-calls)).

use crate::function::{Call, Started, read};
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{Callers, add_call};
use crate::host::register::RegisterError;
use crate::protocol::docks::{ActivateDock, ExecuteCommand};
use crate::wire::{Encoding, js};

/// Registers both functions.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add_call::<ActivateDock>(context, Callers::All, |context, _, call| {
        activate(context, call)
    })?;
    add_call::<ExecuteCommand>(context, Callers::All, |context, _, call| {
        execute(context, call)
    })
}

fn activate(context: &DevToolsContext, call: Call<'_>) -> Started {
    Started::Done(match read::<ActivateDock>(call.arguments) {
        Ok((activation,)) => {
            context.docks().activated(activation);
            call.reply.undefined(Encoding::StructuredClone)
        }
        Err(misfit) => call.reply.error(&misfit),
    })
}

fn execute(context: &DevToolsContext, call: Call<'_>) -> Started {
    let reply = call.reply;
    let (id,) = match read::<ExecuteCommand>(call.arguments) {
        Ok(id) => id,
        Err(misfit) => return Started::Done(reply.error(&misfit)),
    };
    // The arguments after the id are passed to the command.
    let mut arguments: Vec<js::Value> = call.arguments.read().unwrap_or_default();
    arguments.drain(..1.min(arguments.len()));
    match context.command_list().execute(&id, arguments) {
        Some(executing) => Started::Running(Box::pin(async move {
            match executing.await {
                Ok(value) => reply.success(Encoding::StructuredClone, &value),
                Err(error) => reply.error(&error),
            }
        })),
        None => Started::Done(reply.failure(&format!("Command \"{id}\" is not registered"))),
    }
}
