//! The functions that the interface and the messages panel call.

use serde_json::{Map, Value};

use crate::function::{RemoteError, RpcFunction};
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{Callers, add, try_add_remote};
use crate::host::register::RegisterError;
use crate::protocol::message::{Message, MessageOrigin};
use crate::protocol::messages::{
    AddMessage, ClearMessages, HubAddMessage, HubClearMessages, HubRemoveMessage, HubUpdateMessage,
    ListMessages, RemoveMessage, UpdateMessage,
};

use super::feed::Feed;
use super::notice;

/// The arguments of a change: the id of the message, and the members that change.
type MessageUpdate = (String, Map<String, Value>);

/// Registers the functions.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add::<ListMessages, _>(context, |context, _, (since,)| async move {
        Feed::of(&context).since(since)
    })?;
    change::<AddMessage, UpdateMessage, RemoveMessage, ClearMessages>(context)?;
    change::<HubAddMessage, HubUpdateMessage, HubRemoveMessage, HubClearMessages>(context)
}

/// Registers the functions that change messages under one set of their names.
fn change<Add, Update, Remove, Clear>(context: &DevToolsContext) -> Result<(), RegisterError>
where
    Add: RpcFunction<Args = (Map<String, Value>,), Output = Message>,
    Update: RpcFunction<Args = MessageUpdate, Output = Option<Message>>,
    Remove: RpcFunction<Args = (String,), Output = ()>,
    Clear: RpcFunction<Args = (), Output = ()>,
{
    try_add_remote::<Add, _>(context, Callers::All, |context, _, (message,)| async move {
        let message = read(&context, message)?;
        let from = MessageOrigin::Browser;
        Ok(context.messages().put(Message { from, ..message }))
    })?;
    try_add_remote::<Update, _>(context, Callers::All, |context, _, patch| async move {
        update(&context, patch)
    })?;
    add::<Remove, _>(context, |context, _, (id,)| async move {
        context.messages().remove(&id);
    })?;
    add::<Clear, _>(context, |context, _, ()| async move {
        context.messages().clear();
    })
}

fn update(
    context: &DevToolsContext,
    (id, patch): MessageUpdate,
) -> Result<Option<Message>, RemoteError> {
    let updated = Feed::of(context).update(&id, |message| {
        let unwritten = |error: serde_json::Error| RemoteError::new(error.to_string());
        if let Value::Object(mut members) = serde_json::to_value(&*message).map_err(unwritten)? {
            members.extend(patch);
            *message = read(context, members)?;
        }
        Ok::<_, RemoteError>(())
    })?;
    if let Some(updated) = &updated {
        notice::expire(context, updated);
        notice::changed(context);
    }
    Ok(updated)
}

/// Reads a message that a client sent.
fn read(context: &DevToolsContext, members: Map<String, Value>) -> Result<Message, RemoteError> {
    let limit = context.limits().message_bytes;
    let bytes = serde_json::to_vec(&members).map_or(usize::MAX, |text| text.len());
    if bytes > limit {
        return Err(RemoteError::new(format!(
            "the message takes {bytes} bytes, and the limit `message_bytes` is {limit}"
        )));
    }
    // A member that is cleared is `null`.
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    serde_json::from_value(Value::Object(members.collect()))
        .map_err(|error| RemoteError::new(format!("this is no message: {error}")))
}
