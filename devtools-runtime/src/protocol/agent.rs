//! The functions with which clients list and call the tools of agents, and with which pages offer tools to agents
//! ([protocol 18](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#18-agents)).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::function::AgentSafety;
use crate::js;

functions! {
    /// Lists the functions and the tools of pages that agents may call.
    ListTools = "devframe:agent:list-tools", Query, Server, Json,
    () -> Vec<ToolInfo>;

    /// Calls one of them, as the caller would. `arguments` is an array, an object of named arguments, or nothing.
    InvokeTool = "devframe:agent:invoke-tool", Action, Server, StructuredClone,
    (id: String, arguments: Option<js::Value>) -> js::Value;

    /// Lists the static functions that agents may read.
    ListResources = "devframe:agent:list-resources", Query, Server, Json,
    () -> Vec<ResourceInfo>;

    /// Reads one of them.
    ReadResource = "devframe:agent:read-resource", Query, Server, Json,
    (id: String) -> ResourceContent;

    /// Replaces the tools that the calling page offers. `client` stays the same when the page connects again.
    SyncClientTools = "devframe:agent:sync-client-tools", Action, Server, Json,
    (client: String, tools: Vec<PageTool>, page: PageInfo) -> ();

    /// Runs a tool of a page.
    InvokeClientTool = "devframe:agent:invoke-client-tool", Action, Client, Json,
    (id: String, arguments: Value) -> Value;
}

/// The description of a function or of a page's tool, as the list of tools has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolInfo {
    /// `rpc` for a function, and `tool` for a tool of a page.
    pub(crate) kind: String,
    /// The name of the function, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rpc_name: Option<String>,
    #[serde(flatten)]
    pub(crate) tool: PageTool,
}

/// A tool that a page offers to agents, from [`AgentHost::page_tools`](crate::context::AgentHost::page_tools).
///
/// ```
/// use devtools_runtime::DevToolsContext;
///
/// /// The names of the tools that pages offer to agents now.
/// fn names(ctx: &DevToolsContext) -> Vec<String> {
///     ctx.agents().page_tools().into_iter().map(|tool| tool.id).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageTool {
    /// The name.
    pub id: String,
    /// The title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description, by which agents choose.
    pub description: String,
    /// The risk of a call.
    #[serde(default = "action")]
    pub safety: AgentSafety,
    /// The words by which agents find the tool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The JSON Schema of the arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
    /// The JSON Schema of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
    /// Examples of calls, as the page wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examples: Option<Value>,
}

/// The safety of a tool that does not say how safe it is.
fn action() -> AgentSafety {
    AgentSafety::Action
}

/// The state of a page that offers tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PageInfo {
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) visible: bool,
    pub(crate) focused: bool,
}

/// The description of a resource, as the list of resources has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceInfo {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) mime_type: String,
    pub(crate) uri: String,
}

/// The content of a resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResourceContent {
    pub(crate) json: Value,
}
