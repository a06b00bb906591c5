//! Functions that real agents' clients call, over HTTP and over standard input and output.

use std::time::Duration;

use devtools_mcp::{AgentCall, Mcp};
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::{
    Auth, BuildError, DevTools, DevToolsRpcClient, Server, define_rpc_function, rpc_function,
};
use serde_json::{Value, json};
use tests::node;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The program that agents start, or connect to.
const TOOL: &str = env!("CARGO_BIN_EXE_mcp-tool");

#[tokio::test]
async fn agents_list_and_call_tools() {
    node::run_mcp("tools.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn tools_are_those_of_the_javascript_engine() {
    node::run_mcp("engine.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn only_those_with_a_token_get_in() {
    node::run_mcp("trust.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn states_and_static_functions_are_resources() {
    node::run_mcp("resources.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn the_connector_of_the_engine_finds_servers() {
    node::run_mcp("connector.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn two_functions_of_one_tool_name_are_refused() {
    let agent = AgentOptions::new(AgentSafety::Read);
    // Names that differ only behind the 128 characters that agents take.
    let name = |end: &str| format!("demo:{}-{end}", "a".repeat(128));
    let define = |end: &str| {
        define_rpc_function(name(end))
            .description("Returns a number.")
            .agent(agent)
            .handler(|| 1)
    };
    let builder = DevTools::builder()
        .without_collected()
        .function(define("one"))
        .function(define("two"))
        .plugin(Mcp::new("demo", "1.0.0"));
    let Err(BuildError::Plugin { plugin, source }) = builder.build().await else {
        panic!("two functions have one name for agents")
    };
    assert_eq!(plugin, "devtools-mcp");
    let message = source.to_string();
    for end in ["one", "two"] {
        assert!(
            message.contains(&format!("`{}` (at ", name(end))),
            "{message}"
        );
    }
    let tool = format!("by the name `demo_{}`", "a".repeat(123));
    assert!(message.contains(&tool), "{message}");
    assert_eq!(message.matches("mcp.rs:").count(), 2, "{message}");
}

/// Removes a file.
#[rpc_function(
    name = "mcp-e2e:remove",
    kind = "action",
    agent(safety = "destructive")
)]
fn remove(path: String) -> String {
    format!("{path} is removed")
}

/// Asks the user of a panel whether an agent may call a function.
#[rpc_function(name = "mcp-e2e:confirm", kind = "action", side = "client")]
async fn confirm(call: AgentCall) -> bool;

/// Calls `remove` as an agent, and returns whether it failed, with the text of the result.
async fn call_remove(server: &Server, path: &str) -> (bool, String) {
    let arguments = json!({ "path": path });
    let body = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": { "name": "mcp-e2e_remove", "arguments": arguments },
    });
    let body = body.to_string();
    let head = format!(
        "POST /__devtools/__mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let data = answer.lines().find_map(|line| line.strip_prefix("data: "));
    let data = data.unwrap_or_else(|| panic!("{answer}"));
    let result = &serde_json::from_str::<Value>(data).unwrap()["result"];
    let text = result["content"][0]["text"].as_str().unwrap();
    (result["isError"] == json!(true), text.to_owned())
}

#[tokio::test]
async fn destructive_calls_are_confirmed_in_a_panel() {
    let mcp = Mcp::new("mcp-e2e", "1.0.0")
        .confirmed_by::<Confirm>()
        .confirmed_within(Duration::from_secs(2));
    let builder = DevTools::builder()
        .without_collected()
        .function(Remove::definition())
        .auth(Auth::None)
        .plugin(mcp);
    let server = builder.bind("127.0.0.1:0").await.unwrap();

    let (failed, text) = call_remove(&server, "a").await;
    assert!(failed && text.contains("no panel is open"), "{text}");

    let other = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let panel = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    panel.register::<Confirm>(|call: AgentCall| async move {
        assert_eq!(call.function, "mcp-e2e:remove");
        assert_eq!(call.title, "mcp-e2e:remove");
        match call.arguments[0].as_str() {
            Some("late") => std::future::pending().await,
            path => path == Some("a"),
        }
    });
    let (failed, text) = call_remove(&server, "a").await;
    assert!(!failed, "{text}");
    assert_eq!(text, "a is removed");
    let (failed, text) = call_remove(&server, "b").await;
    assert!(
        failed && text.ends_with("the user refused the call"),
        "{text}"
    );
    let (failed, text) = call_remove(&server, "late").await;
    assert!(
        failed && text.ends_with("did not confirm the call within 2 s"),
        "{text}"
    );
    drop(other);
}
