//! The documents that describe a server's docks to the interface ([protocol 13.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#135-http)).

use std::fmt::Write as _;

use serde::Serialize;

use crate::files;
use crate::host::{DevToolsContext, DockView, below_root_path};
use crate::server::metadata;

/// The name of the index document in a mount.
pub(crate) const DOCUMENT: &str = "__index.json";

/// The name of the module in a mount that imports the scripts of the docks.
pub(crate) const CLIENT_IMPORTS: &str = "__client-imports.js";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    name: String,
    version: &'static str,
    base: String,
    frames: Vec<IndexedPage>,
    endpoints: Endpoints,
}

/// A page of this server that a dock entry opens.
#[derive(Serialize)]
struct IndexedPage {
    id: String,
    base: String,
    title: String,
}

/// The endpoints of a mount, relative to the index.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    connection: &'static str,
    client_imports: &'static str,
    index: &'static str,
    websocket: EndpointPath,
    sse: EndpointPath,
}

#[derive(Serialize)]
struct EndpointPath {
    path: &'static str,
}

/// Returns the index of a mount.
pub(crate) fn document(context: &DevToolsContext, base: &str) -> String {
    let root = context.root_path();
    let hosted = context.views().bases();
    let frames = context.docks().list().into_iter().filter_map(|entry| {
        let DockView::Iframe(page) = entry.view() else {
            return None;
        };
        let base = hosted.iter().find(|base| **base == page.url)?;
        Some(IndexedPage {
            id: entry.id().to_owned(),
            base: format!("{root}{base}"),
            title: entry.title().to_owned(),
        })
    });
    let index = Index {
        name: files::program_name(),
        version: env!("CARGO_PKG_VERSION"),
        base: format!("{root}{base}"),
        frames: frames.collect(),
        endpoints: Endpoints {
            connection: metadata::DOCUMENT,
            client_imports: CLIENT_IMPORTS,
            index: DOCUMENT,
            websocket: EndpointPath {
                path: metadata::WEBSOCKET,
            },
            sse: EndpointPath {
                path: metadata::SSE,
            },
        },
    };
    // Serializing strings cannot fail.
    serde_json::to_string(&index).unwrap_or_default()
}

/// Returns the JavaScript module that imports the scripts of the dock entries, by the ids of the entries.
pub(crate) fn client_imports(context: &DevToolsContext) -> String {
    let mut module = "export const clientImports = {\n".to_owned();
    for entry in context.docks().list() {
        let Some(script) = entry.script() else {
            continue;
        };
        let literal = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let script = below_root_path(context.root_path(), script);
        let (id, from) = (literal(entry.id()), literal(&script.import_from));
        // Writing to a `String` cannot fail.
        let _ = writeln!(module, "  {id}: [() => import({from})],");
    }
    module.push_str("}\nexport default clientImports\n");
    module
}
