//! Answers the calls of the inspector panel of the ecosystem.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::blocking;
use crate::files::instances;
use crate::function::{CallError, FunctionDefinition, FunctionInfo, FunctionKind, RemoteError};
use crate::host::{
    DevToolsContext, RegisterError, add_protocol_function, agent_resources, agent_tools,
    invoke_tool, read_resource,
};
use crate::inspector::panel_functions::{
    AgentSurface, DescribeAgent, ExecuteCommand, Invoke, InvokeAgentTool, ListCommands,
    ListInstances, ListPanelFunctions, ListStateKeys, PanelAgent, PanelFunction, PanelInstance,
    ReadAgentResource,
};
use crate::js;

/// The time in which a program of this machine accepts a connection.
const CONNECTED: Duration = Duration::from_millis(300);

/// Registers the functions, if the context has an inspector.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    if context.settings().traffic.is_none() {
        return Ok(());
    }
    add_protocol_function::<ListPanelFunctions, _>(context, |context, _, ()| async move {
        context.rpc().list().iter().map(describe).collect()
    })?;
    add_protocol_function::<Invoke, _>(
        context,
        |context, session, (name, arguments)| async move {
            let begun = Instant::now();
            let result = if let Some(refusal) = refusal(&context, &name) {
                Err(refusal)
            } else {
                let arguments = arguments.unwrap_or_default();
                context.rpc().invoke_for(session, &name, arguments).await
            };
            envelope(begun, result)
        },
    )?;
    add_protocol_function::<ListStateKeys, _>(context, |context, _, ()| async move {
        let mut keys = context.rpc().shared_states().keys();
        keys.sort_unstable();
        keys
    })?;
    add_protocol_function::<DescribeAgent, _>(context, |context, _, ()| async move {
        AgentSurface {
            tools: agent_tools(&context),
            resources: agent_resources(&context),
        }
    })?;
    add_protocol_function::<InvokeAgentTool, _>(
        context,
        |context, session, (id, arguments)| async move {
            let begun = Instant::now();
            let arguments = arguments.unwrap_or_default();
            envelope(begun, invoke_tool(&context, session, &id, arguments).await)
        },
    )?;
    add_protocol_function::<ReadAgentResource, _>(context, |context, session, (id,)| async move {
        let begun = Instant::now();
        let read = read_resource(&context, session, &id).await;
        envelope(begun, read.map(|read| value(json!(read))))
    })?;
    add_protocol_function::<ListCommands, _>(context, |context, _, ()| async move {
        let commands = json!(context.commands().list());
        let mut commands: Vec<_> = commands
            .as_array()
            .into_iter()
            .flatten()
            .map(command)
            .collect();
        commands.sort_by_key(|command| command["title"].to_string());
        commands
    })?;
    add_protocol_function::<ListInstances, _>(context, |_, _, ()| instances())?;
    add_protocol_function::<ExecuteCommand, _>(context, |context, _, (id, arguments)| async move {
        let begun = Instant::now();
        let run = context
            .command_list()
            .execute(&id, arguments.unwrap_or_default());
        let result = match run {
            Some(run) => run.await.map_err(|error| refused(error.to_string())),
            None => Err(refused(format!("there is no command `{id}`"))),
        };
        envelope(begun, result)
    })
}

/// Lists the programs that answer at their port.
async fn instances() -> Vec<PanelInstance> {
    // The work does not panic, and its threads live as long as the process.
    let described = blocking::store(instances::read).await.unwrap_or_default();
    let mut listed = Vec::new();
    for it in described {
        if it.is_current() || is_there(it.port).await {
            listed.push(PanelInstance {
                url: format!("{}{}", it.origin, it.base_path),
                has_mcp: it.mcp.as_ref().is_some_and(|mcp| !mcp.is_null()),
                is_current: it.is_current(),
                id: it.id,
                name: it.name,
                port: it.port,
                origin: it.origin,
                base_path: it.base_path,
                pid: it.pid,
                root_dir: it.root_dir,
                started_at: it.started_at,
            });
        }
    }
    listed
}

/// Returns whether something listens at a port of this machine.
async fn is_there(port: u16) -> bool {
    for host in [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ] {
        let connecting = TcpStream::connect((host, port));
        let connected = tokio::time::timeout(CONNECTED, connecting).await;
        if connected.is_ok_and(|connected| connected.is_ok()) {
            return true;
        }
    }
    false
}

/// Describes a function.
fn describe(function: &FunctionDefinition) -> PanelFunction {
    let info = FunctionInfo::from(function);
    let schema = info.schema.unwrap_or_default();
    let arguments = schema["arguments"].as_array().filter(|it| !it.is_empty());
    PanelFunction {
        name: info.name,
        kind: info.kind,
        json_serializable: function.takes_json(),
        snapshot: info.snapshot,
        cacheable: info.cacheable,
        has_args: !info.parameters.is_empty(),
        has_returns: !schema["output"].is_null(),
        has_dump: info.dump,
        has_setup: info.setup,
        has_handler: true,
        invokable: is_invokable(info.kind),
        agent: info.agent.map(|options| PanelAgent {
            description: info.description,
            options,
        }),
        args_schema: arguments.map(|it| json!({ "type": "array", "prefixItems": it })),
        returns_schema: Some(schema["output"].clone()).filter(|it| !it.is_null()),
    }
}

/// Returns whether the panel may call functions of this kind. The others change something.
fn is_invokable(kind: FunctionKind) -> bool {
    matches!(kind, FunctionKind::Query | FunctionKind::Static)
}

/// Returns the reason why the panel may not call a function.
fn refusal(context: &DevToolsContext, name: &str) -> Option<CallError> {
    let function = context.rpc().get(name)?;
    (!is_invokable(function.kind())).then(|| {
        refused(format!(
            "`{name}` changes something, and the panel calls only queries and static functions"
        ))
    })
}

fn refused(text: String) -> CallError {
    CallError::Remote(RemoteError::new(text))
}

/// Returns a command as the panel lists it.
fn command(listed: &Value) -> Value {
    let children = listed["children"].as_array();
    let children = children.map(|children| children.iter().map(command).collect::<Vec<_>>());
    let mut command = json!({ "hasHandler": children.is_none() });
    for member in ["id", "title", "description", "icon", "category"] {
        if let Some(value) = listed.get(member) {
            command[member] = value.clone();
        }
    }
    if let Some(children) = children {
        command["children"] = children.into();
    }
    command
}

/// Returns the outcome of a call as the panel reads it, with its duration in milliseconds.
fn envelope(begun: Instant, result: Result<js::Value, CallError>) -> js::Value {
    let duration = begun.elapsed().as_secs_f64() * 1000.0;
    let end = match result {
        Ok(result) => [("ok", js::Value::from(true)), ("result", result)],
        Err(error) => {
            let error = match error {
                CallError::Remote(error) => error,
                error => RemoteError::new(error.to_string()),
            };
            let error = json!({ "name": error.name, "message": error.message });
            [("ok", js::Value::from(false)), ("error", value(error))]
        }
    };
    let members = end
        .into_iter()
        .chain([("durationMs", js::Value::from(duration))]);
    js::Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// Converts a JSON value to a value of structured clone.
fn value(json: Value) -> js::Value {
    serde_json::from_value(json).unwrap_or_default()
}
