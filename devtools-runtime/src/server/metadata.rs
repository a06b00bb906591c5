//! The connection metadata, `__connection.json` ([protocol 3.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#32-the-metadata)).

use serde::Serialize;

use crate::function::FunctionDefinition;
use crate::host::DevToolsContext;

/// The name of the document in a mount.
pub(crate) const DOCUMENT: &str = "__connection.json";

/// The name of the WebSocket in a mount.
pub(crate) const WEBSOCKET: &str = "__ws";

/// The name of the event stream in a mount.
pub(crate) const SSE: &str = "__sse";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionMeta<'a> {
    backend: &'static str,
    websocket: Endpoint,
    sse: Endpoint,
    json_serializable_methods: Vec<&'a str>,
    /// How many bytes a frame of a client may have. Clients of the ecosystem do not look at it.
    frame_bytes: usize,
}

#[derive(Serialize)]
struct Endpoint {
    path: String,
}

/// The document. `mount` is the path of the functions' mount, relative to the document.
///
/// It names the functions whose calls may come as JSON, in the order of their names.
pub(crate) fn document(context: &DevToolsContext, mount: &str) -> String {
    let endpoint = |name| Endpoint {
        path: format!("{mount}{name}"),
    };
    let functions = context.rpc().list();
    let meta = ConnectionMeta {
        backend: "websocket",
        websocket: endpoint(WEBSOCKET),
        sse: endpoint(SSE),
        frame_bytes: context.limits().frame_bytes,
        json_serializable_methods: functions
            .iter()
            .filter(|function| function.takes_json())
            .map(FunctionDefinition::name)
            .collect(),
    };
    // Strings can always be written.
    serde_json::to_string(&meta).unwrap_or_default()
}
