//! The functions of the protocol about agents.

use serde_json::{Map, Value};

use crate::function::{CallError, FunctionDefinition, RemoteError, by_position};
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{Callers, add, try_add_remote};
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;
use crate::js;
use crate::protocol::agent::{
    InvokeTool, ListResources, ListTools, PageTool, ReadResource, ResourceContent, ResourceInfo,
    SyncClientTools, ToolInfo,
};
use crate::protocol::component::encode_component;

use super::pages::AgentPages;

/// Registers the functions.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add::<ListTools, _>(context, |context, _, ()| async move { tools(&context) })?;
    add::<ListResources, _>(context, |context, _, ()| async move { resources(&context) })?;
    try_add_remote::<InvokeTool, _>(
        context,
        Callers::All,
        |context, session, (id, arguments)| async move {
            let arguments = arguments.unwrap_or_default();
            invoke(&context, session, &id, arguments)
                .await
                .map_err(remote)
        },
    )?;
    try_add_remote::<ReadResource, _>(
        context,
        Callers::All,
        |context, session, (id,)| async move { read(&context, session, &id).await.map_err(remote) },
    )?;
    try_add_remote::<SyncClientTools, _>(
        context,
        Callers::Connected,
        |context, session, (client, tools, page)| async move {
            check(&context, &tools)?;
            AgentPages::of(&context).sync(session, client, tools, page);
            Ok(())
        },
    )?;
    // The listener does not hold the context, which would keep itself alive.
    let weak = context.downgrade();
    context.rpc().on_disconnect(move |session| {
        if let Some(context) = weak.upgrade() {
            AgentPages::of(&context).leave(session);
        }
    });
    Ok(())
}

/// Describes the functions and the tools of pages.
pub(crate) fn tools(context: &DevToolsContext) -> Vec<ToolInfo> {
    let functions = context.agents().functions();
    let functions = functions.iter().filter_map(|function| {
        let agent = function.agent()?;
        let title = agent.title().or(function.title());
        let tags = agent.tags().iter();
        Some(ToolInfo {
            kind: "rpc".to_owned(),
            rpc_name: Some(function.name().to_owned()),
            tool: PageTool {
                id: function.name().to_owned(),
                title: Some(title.unwrap_or(function.name()).to_owned()),
                description: function.description().to_owned(),
                safety: agent.safety(),
                tags: tags.map(|&tag| tag.to_owned()).collect(),
                input_schema: None,
                output_schema: None,
                examples: None,
            },
        })
    });
    let pages = context.agents().page_tools();
    let pages = pages.into_iter().map(|tool| ToolInfo {
        kind: "tool".to_owned(),
        rpc_name: None,
        tool: PageTool {
            title: Some(tool.title.clone().unwrap_or_else(|| tool.id.clone())),
            ..tool
        },
    });
    functions.chain(pages).collect()
}

/// Describes the static functions.
pub(crate) fn resources(context: &DevToolsContext) -> Vec<ResourceInfo> {
    let functions = context.agents().resources();
    functions.iter().map(resource).collect()
}

fn resource(function: &FunctionDefinition) -> ResourceInfo {
    ResourceInfo {
        id: function.name().to_owned(),
        name: function.title().unwrap_or(function.name()).to_owned(),
        description: function.description().to_owned(),
        mime_type: "application/json".to_owned(),
        uri: format!("devframe://resource/{}", encode_component(function.name())),
    }
}

/// Returns the error of a call as the agent receives it.
fn remote(error: CallError) -> RemoteError {
    match error {
        CallError::Remote(error) => error,
        error => RemoteError::new(error.to_string()),
    }
}

/// Calls a function or a tool of a page for a session.
pub(crate) async fn invoke(
    context: &DevToolsContext,
    session: RpcSession,
    id: &str,
    arguments: js::Value,
) -> Result<js::Value, CallError> {
    let functions = context.agents().functions();
    if let Some(function) = functions.iter().find(|function| function.name() == id) {
        let arguments = positional(function, arguments)?;
        return context.rpc().invoke_for(session, id, arguments).await;
    }
    let arguments = match serde_json::to_value(&arguments) {
        Ok(Value::Object(named)) => named,
        Ok(Value::Null) => Map::new(),
        _ => {
            let text = format!("the arguments of `{id}` must be an object");
            return Err(CallError::Remote(RemoteError::new(text)));
        }
    };
    let result = context.agents().call_page_tool(id, arguments).await;
    let result = result.and_then(|value| js_value(id, value));
    result.map_err(|error| match error {
        CallError::UnknownFunction(_) => {
            let text = format!(
                "there is no tool `{id}` for agents: `devframe:agent:list-tools` lists them"
            );
            CallError::Remote(RemoteError::new(text))
        }
        error => error,
    })
}

/// Reads a resource for a session.
pub(crate) async fn read(
    context: &DevToolsContext,
    session: RpcSession,
    id: &str,
) -> Result<ResourceContent, CallError> {
    let functions = context.agents().resources();
    if !functions.iter().any(|function| function.name() == id) {
        let text = format!(
            "there is no resource `{id}` for agents: `devframe:agent:list-resources` lists them"
        );
        return Err(CallError::Remote(RemoteError::new(text)));
    }
    let none: [(); 0] = [];
    let json = context.rpc().invoke_for(session, id, none).await?;
    Ok(ResourceContent { json })
}

/// Converts the result of a tool to structured clone.
fn js_value(id: &str, value: Value) -> Result<js::Value, CallError> {
    serde_json::from_value(value).map_err(|error| CallError::Decode {
        function: id.to_owned(),
        source: error.into(),
    })
}

/// Returns arguments by position: an array as it is, and named ones in the order of the parameters.
fn positional(
    function: &FunctionDefinition,
    arguments: js::Value,
) -> Result<Vec<js::Value>, CallError> {
    match arguments {
        js::Value::Undefined | js::Value::Null => Ok(Vec::new()),
        js::Value::Array(arguments) => Ok(arguments),
        js::Value::Object(named) => {
            let ordered = by_position(function.name(), function.parameters(), named);
            let ordered =
                ordered.map_err(|error| CallError::Remote(RemoteError::new(error.to_string())))?;
            Ok(ordered.into_iter().map(Option::unwrap_or_default).collect())
        }
        _ => {
            let text = format!(
                "the arguments of `{}` must be an array or an object",
                function.name()
            );
            Err(CallError::Remote(RemoteError::new(text)))
        }
    }
}

/// Checks the tools that a page offers.
fn check(context: &DevToolsContext, tools: &[PageTool]) -> Result<(), RemoteError> {
    let refused = |text: String| Err(RemoteError::new(text));
    for tool in tools {
        if tool.id.is_empty() || tool.description.is_empty() {
            let text = format!(
                "the tool `{}` needs an id and a description, by which agents choose",
                tool.id
            );
            return refused(text);
        }
    }
    let bytes = serde_json::to_vec(tools).map_or(usize::MAX, |text| text.len());
    let limit = context.limits().page_tool_bytes;
    if bytes > limit {
        return refused(format!(
            "the tools of a page take {bytes} bytes, and the limit `page_tool_bytes` is {limit}"
        ));
    }
    Ok(())
}
