//! The functions that the inspector panel of the ecosystem calls, `@devframes/plugin-inspect`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::function::{AgentInfo, FunctionKind};
use crate::js;
use crate::protocol::agent::{ResourceInfo, ToolInfo};
use crate::protocol::functions;

functions! {
    /// Describes the functions.
    ListPanelFunctions = "devframes:plugin:inspect:list-functions", Query, Server, Json,
    () -> Vec<PanelFunction>;

    /// Calls a query or a static function.
    Invoke = "devframes:plugin:inspect:invoke", Action, Server, StructuredClone,
    (name: String, arguments: Option<Vec<js::Value>>) -> js::Value;

    /// Lists the keys of the shared states.
    ListStateKeys = "devframes:plugin:inspect:list-state-keys", Query, Server, Json,
    () -> Vec<String>;

    /// Describes what agents see.
    DescribeAgent = "devframes:plugin:inspect:describe-agent", Query, Server, Json,
    () -> AgentSurface;

    /// Calls a tool as an agent does.
    InvokeAgentTool = "devframes:plugin:inspect:invoke-agent-tool", Action, Server, StructuredClone,
    (id: String, arguments: Option<js::Value>) -> js::Value;

    /// Reads a resource as an agent does.
    ReadAgentResource = "devframes:plugin:inspect:read-agent-resource", Action, Server, StructuredClone,
    (id: String) -> js::Value;

    /// Lists the commands, sorted by title.
    ListCommands = "devframes:plugin:inspect:list-commands", Query, Server, Json,
    () -> Vec<Value>;

    /// Lists the programs of this user that serve panels on this machine.
    ListInstances = "devframes:plugin:inspect:list-instances", Query, Server, Json,
    () -> Vec<PanelInstance>;

    /// Runs a command.
    ExecuteCommand = "devframes:plugin:inspect:execute-command", Action, Server, StructuredClone,
    (id: String, arguments: Option<Vec<js::Value>>) -> js::Value;
}

/// A function, as the panel lists it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each of them a member of the JSON"
)]
pub(crate) struct PanelFunction {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: FunctionKind,
    pub(crate) json_serializable: bool,
    pub(crate) snapshot: bool,
    pub(crate) cacheable: bool,
    pub(crate) has_args: bool,
    pub(crate) has_returns: bool,
    pub(crate) has_dump: bool,
    pub(crate) has_setup: bool,
    pub(crate) has_handler: bool,
    pub(crate) invokable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<PanelAgent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) args_schema: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) returns_schema: Option<Value>,
}

/// The options of a function for agents, as the panel shows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PanelAgent {
    pub(crate) description: String,
    #[serde(flatten)]
    pub(crate) options: AgentInfo,
}

/// The tools and resources of agents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AgentSurface {
    pub(crate) tools: Vec<ToolInfo>,
    pub(crate) resources: Vec<ResourceInfo>,
}

/// A running program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PanelInstance {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) origin: String,
    pub(crate) base_path: String,
    /// The address of its mount.
    pub(crate) url: String,
    pub(crate) pid: u32,
    pub(crate) root_dir: String,
    pub(crate) started_at: f64,
    /// Whether agents can connect.
    pub(crate) has_mcp: bool,
    /// Whether it is the program that answers.
    pub(crate) is_current: bool,
}
