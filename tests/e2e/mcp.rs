//! Functions that real agents' clients call, over HTTP and over standard input and output.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{self, Next};
use devtools_mcp::{AgentCall, Mcp};
use devtools_runtime::context::SessionTransport;
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::{
    Auth, BuildError, DevTools, DevToolsRpcClient, Limits, RpcSession, Server, define_rpc_function,
    rpc_function,
};
use serde_json::{Value, json};
use tests::node;
use tests::wait::in_time;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// The program that agents start, or connect to.
const TOOL: &str = env!("CARGO_BIN_EXE_mcp-tool");

#[tokio::test]
async fn agents_list_and_call_tools() {
    node::run_mcp("tools.mjs", &[TOOL]).await;
}

#[tokio::test]
async fn pages_offer_tools() {
    node::run_mcp("pages.mjs", &[TOOL]).await;
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

/// Posts a call of `remove` as an agent, and returns the answer.
async fn post_remove(address: SocketAddr, path: &str) -> String {
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
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all((head + &body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Calls `remove` as an agent, and returns whether it failed, with the text of the result.
async fn call_remove(server: &Server, path: &str) -> (bool, String) {
    let answer = post_remove(server.local_addr(), path).await;
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
    // A browser that closes a page does not wait for its functions.
    let panel = DevToolsRpcClient::builder(&server.url())
        .limits(Limits::new().grace(Duration::ZERO))
        .connect()
        .await
        .unwrap();
    let asked = Arc::new(Notify::new());
    let is_asked = Arc::clone(&asked);
    panel.register::<Confirm>(move |call: AgentCall| {
        let is_asked = Arc::clone(&is_asked);
        async move {
            assert_eq!(call.function, "mcp-e2e:remove");
            assert_eq!(call.title, "mcp-e2e:remove");
            is_asked.notify_one();
            match call.arguments[0].as_str() {
                Some("late") => std::future::pending().await,
                path => path == Some("a"),
            }
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
    // The permit of the last call.
    in_time(asked.notified()).await;
    let closes = async {
        in_time(asked.notified()).await;
        panel.close();
    };
    let ((failed, text), ()) = tokio::join!(call_remove(&server, "late"), closes);
    assert!(
        failed && text.ends_with("the panel was closed before the user had confirmed the call"),
        "{text}"
    );
    drop(other);
}

/// Serves `remove` in an application that sees each request as one of this address.
async fn mounted(mcp: Mcp, from: SocketAddr) -> (DevTools, SocketAddr) {
    let builder = DevTools::builder()
        .without_collected()
        .function(Remove::definition())
        .auth(Auth::None)
        .expose_without_auth()
        .plugin(mcp);
    let devtools = builder.build().await.unwrap();
    let seen_from = move |mut request: Request, next: Next| async move {
        request.extensions_mut().insert(from);
        next.run(request).await
    };
    let app = axum::Router::new()
        .nest_service("/__devtools", devtools.service())
        .layer(middleware::from_fn(seen_from));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (devtools, address)
}

#[tokio::test]
async fn other_machines_call_only_if_the_program_allows_them() {
    let elsewhere = "192.0.2.7:50000".parse().unwrap();
    for here in ["127.0.0.1:50000", "[::1]:50000", "[::ffff:127.0.0.1]:50000"] {
        let here = here.parse().unwrap();
        let (_devtools, address) = mounted(Mcp::new("mcp-e2e", "1.0.0"), here).await;
        let answer = post_remove(address, "a").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let (_devtools, address) = mounted(Mcp::new("mcp-e2e", "1.0.0"), elsewhere).await;
    let answer = post_remove(address, "a").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("`Mcp::remote`"), "{answer}");
    let (_devtools, address) = mounted(Mcp::new("mcp-e2e", "1.0.0").remote(), elsewhere).await;
    let answer = post_remove(address, "a").await;
    assert!(answer.contains("a is removed"), "{answer}");
}

#[tokio::test]
async fn requests_and_results_have_limits() {
    let here = "127.0.0.1:50000".parse().unwrap();
    let mcp = Mcp::new("mcp-e2e", "1.0.0").request_bytes(300);
    let (_devtools, address) = mounted(mcp, here).await;
    let answer = post_remove(address, "a").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = post_remove(address, &"a".repeat(300)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn calls_of_agents_pass_the_layers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let builder = DevTools::builder()
        .without_collected()
        .function(Remove::definition())
        .auth(Auth::None)
        .layer({
            let seen = Arc::clone(&seen);
            move |call, next| {
                let seen = Arc::clone(&seen);
                async move {
                    let transport = call.session().map(RpcSession::transport);
                    let name = call.name().to_owned();
                    let ended = next.run(call).await;
                    seen.lock().unwrap().push((name, transport, ended.is_ok()));
                    ended
                }
            }
        })
        .plugin(Mcp::new("mcp-e2e", "1.0.0"));
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    assert_eq!(call_remove(&server, "a").await.1, "a is removed");
    let name = "mcp-e2e:remove".to_owned();
    let transport = Some(SessionTransport::Local);
    assert_eq!(*seen.lock().unwrap(), [(name, transport, true)]);
}
