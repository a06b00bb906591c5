//! The inspector in a real browser, and who may use it.

use devtools_runtime::docks::Command;
use devtools_runtime::{
    Auth, DevTools, DevToolsBuilder, DevToolsRpcClient, EmbeddedFile, Gate, Mode, RpcError, Server,
    js, rpc_function,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::node;

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html><link rel=\"icon\" href=\"data:,\"><title>panel</title><p>the panel</p>",
)];

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Unit {
    Bytes,
    Lines,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Wanted {
    /// The path of the file.
    path: String,
    unit: Unit,
    limit: Option<u32>,
    tags: Vec<String>,
}

#[derive(Debug, thiserror::Error, RpcError)]
#[expect(missing_docs, reason = "the message says it")]
pub enum MeasureError {
    #[error("no file at `{path}`")]
    NotFound { path: String },
}

/// Measures a file.
#[rpc_function(name = "seen:measure")]
async fn measure(wanted: Wanted) -> Result<Value, MeasureError> {
    if wanted.path == "missing" {
        return Err(MeasureError::NotFound { path: wanted.path });
    }
    Ok(serde_json::json!({ "asked": wanted, "sizes": [1, 2, 3] }))
}

/// Returns values that JSON does not have.
#[rpc_function(name = "seen:get-map", encoding = "structured-clone")]
fn get_map() -> js::Map<String, js::BigInt> {
    [("big".to_owned(), js::BigInt::from(1_i128 << 70))]
        .into_iter()
        .collect()
}

/// Answers after a while.
#[rpc_function(name = "seen:wait", kind = "action")]
async fn wait(ms: u64) -> u64 {
    tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
    ms
}

/// The panels update themselves.
#[rpc_function(name = "seen:refresh", kind = "event", side = "client")]
async fn refresh();

/// A program with a panel, functions, a command, a state and a channel.
fn builder(auth: impl Into<Auth>) -> DevToolsBuilder {
    DevTools::builder()
        .without_collected()
        .base("/x/tools/")
        .auth(auth)
        .function(Measure::definition())
        .function(GetMap::definition())
        .function(Wait::definition())
}

async fn serve(auth: impl Into<Auth>) -> Server {
    let devtools = builder(auth).build().await.unwrap();
    let ctx = devtools.context();
    ctx.views().host_static("/__seen/", PANEL).unwrap();
    let command = Command::new("seen:clear", "Clear the list");
    let run = |_| async { Ok(js::Value::from("cleared")) };
    ctx.commands().register(command, run).unwrap();
    devtools.bind("127.0.0.1:0").await.unwrap()
}

/// Returns the status of a page.
async fn status(server: &Server, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut socket = tokio::net::TcpStream::connect(server.local_addr())
        .await
        .unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        server.local_addr()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_shows_and_calls_functions_in_a_browser() {
    let server = serve(Gate::new().memory().on_code(|_| {})).await;
    let arguments = [&*server.url(), &*server.sign_in_url("/x/tools/")];
    node::run_browser("inspector.mjs", &arguments).await;
    server.shutdown().await;
}

#[tokio::test]
async fn there_is_no_inspector_unless_a_server_of_dev_mode_has_one() {
    let page = "/x/tools/__inspector/";
    let server = serve(Auth::None).await;
    assert_eq!(status(&server, page).await, "200");
    assert_eq!(status(&server, "/x/tools/__inspector").await, "308");
    assert_eq!(
        status(&server, "/x/tools/__inspector/functions.js").await,
        "200"
    );
    assert_eq!(
        status(&server, "/x/tools/__inspector/nothing.js").await,
        "404"
    );
    assert_eq!(
        status(&server, "/x/tools/").await,
        "200",
        "the page of the mount"
    );
    server.shutdown().await;

    for builder in [
        builder(Auth::None).inspector(false),
        builder(Auth::None).mode(Mode::Build),
    ] {
        let devtools = builder.build().await.unwrap();
        let functions = devtools.context().rpc().list();
        let mut names = functions.iter().map(|function| function.name());
        assert!(!names.any(|name| name.contains(":inspector:")));
        devtools
            .context()
            .views()
            .host_static("/__seen/", PANEL)
            .unwrap();
        let server = devtools.bind("127.0.0.1:0").await.unwrap();
        assert_eq!(status(&server, page).await, "404");
        assert_eq!(
            status(&server, "/x/tools/").await,
            "307",
            "to the only panel"
        );
        server.shutdown().await;
    }
}

#[tokio::test]
async fn an_untrusted_client_learns_nothing_of_the_program() {
    let server = serve(Gate::new().memory().on_code(|_| {})).await;
    let client = DevToolsRpcClient::builder(&server.url()).connect().await;
    let error = client.unwrap_err();
    assert!(error.to_string().contains("trust"), "{error}");
    server.shutdown().await;
}
