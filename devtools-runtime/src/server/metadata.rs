//! The connection metadata, `__connection.json` (`protocol.md` 3.2).

use serde::Serialize;

use crate::function::FunctionDefinition;
use crate::host::DevToolsContext;

/// The name of the document in a mount.
pub(crate) const DOCUMENT: &str = "__connection.json";

/// The name of the WebSocket in a mount.
pub(crate) const WEBSOCKET: &str = "__ws";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionMeta<'a> {
    backend: &'a str,
    websocket: Endpoint<'a>,
    json_serializable_methods: Vec<&'static str>,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    path: &'a str,
}

/// The document. `websocket` is the path of the socket, relative to the document.
///
/// It names the functions whose calls may come as JSON, in the order of their names.
pub(crate) fn document(context: &DevToolsContext, websocket: &str) -> String {
    let functions = context.rpc().list();
    let meta = ConnectionMeta {
        backend: "websocket",
        websocket: Endpoint { path: websocket },
        json_serializable_methods: functions
            .iter()
            .filter(|function| function.takes_json())
            .map(FunctionDefinition::name)
            .collect(),
    };
    // Strings can always be written.
    serde_json::to_string(&meta).unwrap_or_default()
}
