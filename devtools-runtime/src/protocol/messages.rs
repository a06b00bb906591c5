//! The functions of the messages ([protocol 19](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#19-messages)).
//!
//! The interface and the messages panel call the same functions by different names.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::protocol::message::Message;

macro_rules! both {
    (
        $(#[$docs:meta])*
        $hub:ident = $hub_name:literal, $panel:ident = $panel_name:literal,
        ($($parameter:ident: $type:ty),*) -> $output:ty
    ) => {
        functions! {
            $(#[$docs])*
            $hub = $hub_name, Action, Server, Json, ($($parameter: $type),*) -> $output;

            $(#[$docs])*
            $panel = $panel_name, Action, Server, Json, ($($parameter: $type),*) -> $output;
        }
    };
}

functions! {
    /// Lists the messages that have changed after a version, or all of them.
    ListMessages = "devframes:plugin:messages:list", Query, Server, Json,
    (since: Option<u64>) -> MessageChanges;
}

both! {
    /// Adds a message of a page.
    HubAddMessage = "hub:messages:add", AddMessage = "devframes:plugin:messages:add",
    (message: Map<String, Value>) -> Message
}

both! {
    /// Changes members of a message. Returns `null` if there is none with the id.
    HubUpdateMessage = "hub:messages:update", UpdateMessage = "devframes:plugin:messages:update",
    (id: String, patch: Map<String, Value>) -> Option<Message>
}

both! {
    /// Removes a message.
    HubRemoveMessage = "hub:messages:remove", RemoveMessage = "devframes:plugin:messages:remove",
    (id: String) -> ()
}

both! {
    /// Removes all messages.
    HubClearMessages = "hub:messages:clear", ClearMessages = "devframes:plugin:messages:clear",
    () -> ()
}

functions! {
    /// Tells clients that the messages have changed.
    MessagesUpdated = "devframe:messages:updated", Event, Client, Json,
    () -> ();
}

/// The messages that have changed after a version.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageChanges {
    pub(crate) entries: Vec<Message>,
    pub(crate) removed_ids: Vec<String>,
    /// The version to ask with the next time.
    pub(crate) version: u64,
    /// Whether these are all messages, so that others are gone.
    pub(crate) full: bool,
}
