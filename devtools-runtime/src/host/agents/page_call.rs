//! Calls of the tools of pages.

use serde_json::{Map, Value, json};

use crate::function::{CallError, RemoteError, RpcFunction as _};
use crate::host::context::DevToolsContext;
use crate::protocol::agent::InvokeClientTool;

use super::page_tools::{CLIENT_ID, LIST_CLIENTS};
use super::pages::AgentPages;

/// Calls a tool.
pub(super) async fn call(
    context: &DevToolsContext,
    id: &str,
    mut arguments: Map<String, Value>,
) -> Result<Value, CallError> {
    let pages = AgentPages::of(context);
    let open = pages.list();
    if id == LIST_CLIENTS && !open.is_empty() {
        let clients: Vec<_> = open
            .iter()
            .map(|page| {
                json!({
                    "id": page.client,
                    "url": page.info.url,
                    "title": page.info.title,
                    "visible": page.info.visible,
                    "focused": page.info.focused,
                    "connectedAt": u64::try_from(page.connected_at.as_millis()).unwrap_or(u64::MAX),
                    "tools": page.tools.iter().map(|tool| &tool.id).collect::<Vec<_>>(),
                })
            })
            .collect();
        return Ok(json!({ "clients": clients }));
    }
    let client = match arguments.remove(CLIENT_ID) {
        None | Some(Value::Null) => None,
        Some(Value::String(client)) => Some(client),
        Some(other) => {
            let text = format!("the argument `{CLIENT_ID}` must be a text, and is {other}");
            return Err(CallError::Remote(RemoteError::new(text)));
        }
    };
    match pages.target(id, client.as_deref()) {
        Some(page) => {
            let run = (id, arguments);
            page.session.call_dynamic(InvokeClientTool::NAME, run).await
        }
        None => Err(unknown(id, client)),
    }
}

/// Returns the error of a call that no page can run.
fn unknown(id: &str, client: Option<String>) -> CallError {
    match client {
        None => CallError::UnknownFunction(id.to_owned()),
        Some(client) => {
            let text = format!(
                "no open page has the client id `{client}` and the tool `{id}`: `{LIST_CLIENTS}` lists the pages"
            );
            CallError::Remote(RemoteError::new(text))
        }
    }
}
