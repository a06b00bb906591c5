//! The connection metadata, `__connection.json` ([protocol 3.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#32-the-metadata)).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::function::FunctionDefinition;
use crate::host::DevToolsContext;
use crate::server::routes::Routes;

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
    websocket: EndpointPath,
    sse: EndpointPath,
    json_serializable_methods: Vec<&'a str>,
    /// The largest frame that a client may send, in bytes. The JavaScript client ignores it.
    frame_bytes: usize,
    #[serde(skip_serializing_if = "Map::is_empty")]
    configs: &'a Map<String, Value>,
    /// The routes that the program has added, by the names that they have here.
    #[serde(flatten)]
    routes: BTreeMap<String, EndpointPath>,
}

#[derive(Serialize)]
struct EndpointPath {
    path: String,
}

/// Returns the metadata. `mount` is the path of the functions' mount, relative to the document.
///
/// The metadata lists the functions that accept JSON, sorted by name.
pub(crate) fn document(context: &DevToolsContext, mount: &str) -> String {
    let endpoint = |name: &str| EndpointPath {
        path: format!("{mount}{name}"),
    };
    let functions = context.rpc().list();
    let routes = Routes::of(context).list();
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
        configs: &context.settings().options.configs,
        routes: routes
            .iter()
            .filter_map(|route| Some((route.metadata.clone()?, endpoint(&route.path))))
            .collect(),
    };
    // Serializing strings and numbers cannot fail.
    serde_json::to_string(&meta).unwrap_or_default()
}
