//! What the interface calls ([protocol 13.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#134-calls)).

use std::sync::Arc;

use crate::function::{
    Call, FunctionDefinition, Handler, Place, RpcFunction, Started, inject, read,
};
use crate::host::{DevToolsContext, RegisterError};
use crate::protocol::docks::{ActivateDock, ExecuteCommand};
use crate::wire::{Encoding, js};

/// Registers it.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add::<ActivateDock>(context, activate)?;
    add::<ExecuteCommand>(context, execute)
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
    // Whatever follows the id is the command's.
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

fn add<F: RpcFunction>(
    context: &DevToolsContext,
    handler: fn(&DevToolsContext, Call<'_>) -> Started,
) -> Result<(), RegisterError> {
    let place = Place {
        file: file!(),
        line: line!(),
        package: env!("CARGO_PKG_NAME"),
    };
    let start = move |call: Call<'_>| match inject::<DevToolsContext>(call.scope) {
        Ok(context) => handler(context, call),
        Err(missing) => Started::Done(call.reply.error(&missing)),
    };
    let function =
        FunctionDefinition::declared::<F>(place).handled_by(Handler::Dynamic(Arc::new(start)));
    Ok(context.functions().insert(function)?)
}
