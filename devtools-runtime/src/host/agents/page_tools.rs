//! The tools of pages, as agents see them.

use serde_json::{Map, Value, json};

use crate::function::AgentSafety;
use crate::protocol::agent::PageTool;

/// The tool that lists the pages.
pub(super) const LIST_CLIENTS: &str = "devframe:agent:list-clients";

/// The argument that names the page which runs a tool.
pub(super) const CLIENT_ID: &str = "client_id";

/// Returns the tool that lists the pages.
pub(super) fn list_clients() -> PageTool {
    PageTool {
        id: LIST_CLIENTS.to_owned(),
        title: Some("List the open pages".to_owned()),
        description: format!(
            "Lists the open pages that offer tools, with their client ids. A client id as `{CLIENT_ID}` of a tool has that page run it."
        ),
        safety: AgentSafety::Read,
        tags: Vec::new(),
        input_schema: Some(json!({ "type": "object", "properties": {} })),
        output_schema: Some(json!({
            "type": "object",
            "properties": { "clients": { "type": "array", "items": { "type": "object" } } },
        })),
        examples: None,
    }
}

/// Returns a tool of a page as agents see it: with the argument that names a page.
pub(super) fn forwarded(tool: &PageTool) -> PageTool {
    let mut schema = match &tool.input_schema {
        Some(Value::Object(schema)) => schema.clone(),
        _ => Map::new(),
    };
    schema.entry("type").or_insert_with(|| "object".into());
    let description = format!(
        "The client id of the page that runs the tool, from `{LIST_CLIENTS}`. Default: the page that the user looked at last."
    );
    let client = json!({ "type": "string", "description": description });
    match schema.entry("properties").or_insert_with(|| json!({})) {
        Value::Object(properties) => drop(properties.insert(CLIENT_ID.to_owned(), client)),
        other => *other = json!({ CLIENT_ID: client }),
    }
    PageTool {
        input_schema: Some(schema.into()),
        ..tool.clone()
    }
}
