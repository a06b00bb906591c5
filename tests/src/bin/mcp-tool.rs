//! A tool for the tests with real agents: a function for everything that crosses the way between an agent and a program.

// Not from the library of the tests: the functions that are collected in it would be functions of this program too.
#[path = "../hanging.rs"]
mod hanging;

use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};

use devtools_mcp::{Mcp, cli};
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::state::SharedState;
use devtools_runtime::trust::Token;
use devtools_runtime::{
    DevTools, DevToolsContext, DevToolsPlugin, Gate, PluginState, RemoteError, RpcError,
    RpcSession, SetupError, define_rpc_function, rpc_function,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::hanging::HangingCalls;

/// Adds two numbers.
#[rpc_function(name = "mcp-tool:add", agent)]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Module {
    id: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ModuleOptions {
    include_source: bool,
}

/// Returns one module.
#[rpc_function(name = "mcp-tool:get-module", agent(title = "Get a module", tags = ["graph"]))]
fn get_module(id: String, options: Option<ModuleOptions>) -> Module {
    let source = options.filter(|options| options.include_source);
    Module {
        source: source.map(|_| format!("// {id}")),
        size: 1024,
        id,
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Config {
    root: String,
}

/// Returns the configuration.
#[rpc_function(name = "mcp-tool:get-config", kind = "static", agent)]
fn get_config() -> Config {
    Config {
        root: "/project".to_owned(),
    }
}

#[derive(Debug, thiserror::Error, RpcError)]
#[error("no file at `{path}`")]
#[rpc_error(code = "not-found")]
struct NotFound {
    path: String,
}

/// Removes a file. There is none.
#[rpc_function(
    name = "mcp-tool:remove",
    kind = "action",
    agent(safety = "destructive", title = "Remove a file")
)]
fn remove(path: String) -> Result<(), NotFound> {
    Err(NotFound { path })
}

/// Sets the count, and returns the one before.
#[rpc_function(name = "mcp-tool:set-count", kind = "action", agent)]
fn set_count(tool: &Tool, count: i64) -> i64 {
    tool.count.swap(count, Ordering::SeqCst)
}

/// Not for agents.
#[rpc_function(name = "mcp-tool:secret")]
fn secret() -> String {
    "secret".to_owned()
}

/// For those with a role.
#[rpc_function(name = "mcp-tool:administer", role = "admin", agent)]
fn administer() -> String {
    "administered".to_owned()
}

/// Returns the roles and the transport of the caller.
#[rpc_function(name = "mcp-tool:get-caller", agent)]
fn get_caller(session: &RpcSession) -> Vec<String> {
    session.roles()
}

/// Never answers.
#[rpc_function(name = "mcp-tool:hang", agent)]
async fn hang(tool: &Tool) {
    tool.hanging.hang().await;
}

/// Returns how many calls of `hang` run.
#[rpc_function(name = "mcp-tool:hanging", as = CountHanging, agent)]
fn hanging(tool: &Tool) -> usize {
    tool.hanging.count()
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Progress {
    done: u32,
}

/// Sets a shared state.
#[rpc_function(name = "mcp-tool:set-progress", kind = "action", agent)]
fn set_progress(tool: &Tool, done: u32) -> Result<(), RemoteError> {
    let set = tool.progress.set(Progress { done });
    set.map_err(|error| RemoteError::new(error.to_string()))
}

/// Adds a function for agents, and a shared state.
#[rpc_function(name = "mcp-tool:grow", kind = "action", agent)]
fn grow(ctx: &DevToolsContext) -> Result<(), RemoteError> {
    let grown = define_rpc_function("mcp-tool:grown")
        .description("Was added late.")
        .agent(AgentOptions::new(AgentSafety::Read))
        .handler(|| true);
    let failed = |error: &dyn std::error::Error| RemoteError::new(error.to_string());
    let registered = ctx.rpc().register(grown);
    registered.map_err(|error| failed(&error))?;
    let state = ctx.rpc().shared_state("mcp-tool:late", 1_u8);
    state.map(drop).map_err(|error| failed(&error))
}

#[derive(PluginState)]
struct Tool {
    count: AtomicI64,
    hanging: HangingCalls,
    progress: SharedState<Progress>,
}

struct Setup;

impl DevToolsPlugin for Setup {
    fn name(&self) -> &'static str {
        "mcp-tool"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let rpc = ctx.rpc();
        ctx.insert_state(Tool {
            count: AtomicI64::default(),
            hanging: HangingCalls::default(),
            progress: rpc.shared_state("mcp-tool:progress", Progress::default())?,
        })?;
        rpc.shared_state("hidden:state", "hidden".to_owned())?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let gate = Gate::new()
        .memory()
        .token("plain-token")
        .token(Token::new("admin-token").roles(["admin"]));
    let builder = DevTools::builder().auth(gate).plugin(Setup);
    let mcp = Mcp::new("mcp-tool", "1.2.3")
        .instructions("Add numbers.")
        .states(|key| key.starts_with("mcp-tool:"));
    cli::run(builder, mcp).await
}
