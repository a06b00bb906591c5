//! The inspector in a real browser, and who may use it.

use devtools_runtime::client::ConnectError;
use devtools_runtime::docks::Command;
use devtools_runtime::dump::DumpOptions;
use devtools_runtime::functions::FunctionDefinition;
use devtools_runtime::state::StateOptions;
use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DevToolsRpcClient,
    DockEntry, EmbeddedFile, Gate, Mode, NotifyError, RpcError, Server, SetupError, js,
    rpc_function,
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
enum MeasureError {
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
#[rpc_function(name = "seen:refreshed", kind = "event", side = "client")]
async fn refreshed(count: u32);

/// Tells all panels to update.
#[rpc_function(name = "seen:refresh", kind = "action")]
async fn refresh(ctx: &DevToolsContext, count: u32) -> Result<usize, NotifyError> {
    Refreshed::broadcast(ctx, count).await
}

/// Returns the names of all units.
#[rpc_function(name = "seen:get-units", snapshot)]
fn get_units() -> Vec<Unit> {
    vec![Unit::Bytes, Unit::Lines]
}

struct Seen;

impl DevToolsPlugin for Seen {
    fn name(&self) -> &'static str {
        "seen"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.views().host_static("/__seen/", PANEL)?;
        let command = Command::new("seen:clear", "Clear the list");
        let run = |_| async { Ok(js::Value::String("cleared".to_owned())) };
        ctx.commands().register(command, run)?;
        let docs = DockEntry::iframe("seen-docs", "Docs", "/docs/of/seen");
        ctx.docks().register(docs)?;
        ctx.rpc()
            .shared_state("seen:settings", Settings::default())?;
        let read_only = StateOptions::new().read_only();
        let states = ctx.rpc().shared_states();
        states.create("seen:fixed", 1, read_only)?;
        Ok(())
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Settings {
    theme: String,
    size: u32,
}

/// A program with a panel, functions, a command, a state and a channel.
fn builder(auth: impl Into<Auth>) -> DevToolsBuilder {
    DevTools::builder()
        .without_collected()
        .base("/x/tools/")
        .auth(auth)
        .function(Measure::definition())
        .function(GetMap::definition())
        .function(Wait::definition())
        .function(Refresh::definition())
        .function(GetUnits::definition())
        .plugin(Seen)
}

async fn serve(auth: impl Into<Auth>) -> Server {
    let devtools = builder(auth).build().await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_shows_the_traffic_and_the_sessions_of_others() {
    let server = serve(Gate::new().memory().on_code(|_| {})).await;
    let devtools = server.devtools();
    let channel = devtools
        .context()
        .rpc()
        .streaming()
        .create::<u32>("seen:numbers", ChannelOptions::new().replay(10))
        .unwrap();
    let stream = channel.start_with_id("first").unwrap();
    stream.write(&7).await.unwrap();
    let other = devtools.client();
    let calls = tokio::spawn(async move {
        for number in 0_u64.. {
            let wanted = |path: &str| Wanted {
                path: path.to_owned(),
                unit: Unit::Bytes,
                limit: None,
                tags: Vec::new(),
            };
            let called = Measure::call(&other, wanted("found")).await;
            if matches!(called, Err(CallError::Disconnected(_))) {
                break; // the page has closed this session
            }
            let _ = Measure::call(&other, wanted("missing")).await;
            if number % 5 == 0 {
                let _ = Wait::call(&other, 300).await;
                let _ = Refresh::call(&other, 3).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let link = server.sign_in_url("/x/tools/__inspector/");
    node::run_browser("inspector-live.mjs", &[&link]).await;
    calls.await.unwrap();
    assert!(
        !stream.cancellation().is_cancelled(),
        "the page only listened to the stream"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_is_read_only_in_a_static_dump() {
    let folder = tempfile::tempdir().unwrap();
    let devtools = builder(Auth::None).mode(Mode::Build).build().await.unwrap();
    let without = folder.path().join("without");
    devtools.build(&without).await.unwrap();
    assert!(!without.join("x/tools/__inspector").exists());
    let dump = folder.path().join("dump");
    let options = DumpOptions::new().inspector();
    devtools.build_with(&dump, options).await.unwrap();
    let page = "x/tools/__inspector/";
    assert!(dump.join(page).join("inspector.json").exists());
    node::run_browser("inspector-static.mjs", &[dump.to_str().unwrap(), page]).await;
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
        let mut names = functions.iter().map(FunctionDefinition::name);
        assert!(!names.any(|name| name.contains(":inspector:")));
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
    assert!(
        matches!(client, Err(ConnectError::Unauthorized)),
        "{client:?}"
    );
    server.shutdown().await;
}
