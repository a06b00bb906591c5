//! The results of tools, as agents get them.

use devtools_runtime::{CallError, RemoteError};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

/// The most characters of the name of a tool that a failure repeats.
const SHOWN: usize = 200;

/// Returns the result of a call: as text, and as structured content if it is an object.
pub(crate) fn success(value: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text(&value))]);
    if value.is_object() {
        result.structured_content = Some(value);
    }
    result
}

/// Returns the text of a value: a string as it is, and any other value as indented JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    }
}

/// Returns the failure of a call. Code and data of the function's error are a JSON object in the text, because agents compare structured
/// content with the schema of successful results.
pub(crate) fn failure(tool: &str, error: &CallError) -> CallToolResult {
    let described = match error {
        CallError::Remote(RemoteError {
            code: Some(code),
            message,
            data,
            ..
        }) => {
            let mut described = json!({ "code": code, "message": message });
            if let Some(data) = data {
                described["data"] = data.clone();
            }
            format!("{:#}", json!({ "error": described }))
        }
        error => with_causes(error),
    };
    failed(tool, &described)
}

/// Returns the failure of a call for a reason that the agent can read.
pub(crate) fn failed(tool: &str, reason: &str) -> CallToolResult {
    // The name of a tool that does not exist may have any length.
    let tool: String = tool.chars().take(SHOWN).collect();
    let text = format!("Error invoking \"{tool}\": {reason}");
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// Returns the message of an error with those of its causes.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
