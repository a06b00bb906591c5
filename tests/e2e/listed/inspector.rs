//! The inspector in a real browser, and who may use it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use devtools_runtime::client::ConnectError;
use devtools_runtime::context::RegisterError;
use devtools_runtime::docks::Command;
use devtools_runtime::dump::DumpOptions;
use devtools_runtime::functions::FunctionDefinition;
use devtools_runtime::inspector::{Editor, Inspector};
use devtools_runtime::state::StateOptions;
use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DevToolsRpcClient,
    DockEntry, EmbeddedFile, Gate, Mode, NotifyError, RpcError, Server, SetupError,
    define_rpc_function, js, rpc_function, rpc_functions,
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

rpc_functions! {
    /// The functions of panels that the server calls.
    struct OfPanels { Refreshed }
}

/// Tells all panels to update.
#[rpc_function(name = "seen:refresh", kind = "action")]
async fn refresh(ctx: &DevToolsContext, count: u32) -> Result<usize, NotifyError> {
    Refreshed::broadcast(ctx, count).await
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum Shape {
    Point,
    Circle { radius: f64 },
    Label(String),
}

/// Draws a shape.
#[rpc_function(name = "seen:draw")]
fn draw(shape: Shape, sizes: BTreeMap<String, u32>, place: (u32, u32)) -> Value {
    serde_json::json!({ "shape": shape, "sizes": sizes, "place": place })
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Mixed {
    big: js::BigInt,
    when: js::Date,
    sizes: js::Map<String, u32>,
    names: js::Set<String>,
    content: js::Bytes,
}

/// Returns values that JSON does not have, as it got them.
#[rpc_function(name = "seen:mix", encoding = "structured-clone")]
fn mix(mixed: Mixed) -> Mixed {
    mixed
}

/// Registers another function.
#[rpc_function(name = "seen:grow", kind = "action")]
async fn grow(ctx: &DevToolsContext) -> Result<(), RegisterError> {
    let late = define_rpc_function("seen:late").handler(|| true);
    ctx.rpc().register(late)
}

/// Registers another dock.
#[rpc_function(name = "seen:add-dock", kind = "action")]
async fn add_dock(ctx: &DevToolsContext) -> Result<(), SetupError> {
    let late = DockEntry::iframe("seen-late", "Late dock", "/__seen/");
    ctx.docks().register(late)?;
    Ok(())
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
        .functions::<OfPanels>()
        .function(Measure::definition())
        .function(GetMap::definition())
        .function(Wait::definition())
        .function(Refresh::definition())
        .function(Draw::definition())
        .function(Mix::definition())
        .function(Grow::definition())
        .function(AddDock::definition())
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

/// An editor that writes its arguments to the file `opened` of a folder.
fn editor(folder: &Path) -> Editor {
    let script = folder.join("open.sh");
    fs::write(&script, "echo \"$1\" > \"$(dirname \"$0\")/opened\"\n").unwrap();
    let command = format!("sh '{}' {{file}}:{{line}}", script.display());
    command.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_shows_and_calls_functions_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let builder = builder(Gate::new().memory().on_code(|_| {}));
    let builder = builder.inspector(Inspector::new().editor(editor(folder.path())));
    let devtools = builder.build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let opened = folder.path().join("opened");
    let with_code = server.sign_in_url("/x/tools/");
    let arguments = [&*server.url(), &*with_code, opened.to_str().unwrap()];
    node::run_browser("inspector.mjs", &arguments).await;
    // Without a browser nothing was opened.
    if let Ok(opened) = fs::read_to_string(opened) {
        let location = Measure::definition().location();
        let (path, line) = opened.trim_end().rsplit_once(':').unwrap();
        assert_eq!(line, location.line.to_string());
        assert!(Path::new(path).is_absolute() && path.ends_with(location.file));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn source_files_are_opened_only_if_the_program_names_an_editor() {
    let open = "devtools-runtime:inspector:open-source";
    let devtools = builder(Auth::None).build().await.unwrap();
    let client = devtools.client();
    let error = client.call_dynamic::<String>(open, ("seen:measure",)).await;
    assert!(error.unwrap_err().to_string().contains(open));

    for (command, code) in [
        ("no-such-editor-anywhere", "editor-not-started"),
        ("vim", "editor-needs-terminal"),
        ("sh -c 'exit 3' {file}", "editor-failed"),
    ] {
        let editor: Editor = command.parse().unwrap();
        let inspector = Inspector::new().editor(editor);
        let builder = builder(Auth::None).inspector(inspector);
        let devtools = builder.build().await.unwrap();
        let client = devtools.client();
        let failed = client.call_dynamic::<String>(open, ("seen:measure",)).await;
        let Err(CallError::Remote(error)) = failed else {
            panic!("{command}: {failed:?}");
        };
        assert_eq!(error.code.as_deref(), Some(code), "{error}");
        let path = client.call_dynamic::<String>(open, ("/etc/passwd",)).await;
        let error = path.unwrap_err().to_string();
        assert!(error.contains("there is no function named"), "{error}");
    }
    let editor: Editor = "code".parse().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let inspector = Inspector::new().editor(editor.source_root(elsewhere.path()));
    let builder = builder(Auth::None).inspector(inspector);
    let devtools = builder.build().await.unwrap();
    let client = devtools.client();
    let failed = client.call_dynamic::<String>(open, ("seen:measure",)).await;
    let Err(CallError::Remote(error)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(error.code.as_deref(), Some("source-not-found"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_shows_the_traffic_and_the_sessions_of_others() {
    let token = "token-of-the-plain-calls-0123456789";
    let server = serve(Gate::new().memory().token(token).on_code(|_| {})).await;
    let devtools = server.devtools();
    let guest = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    let guest = guest.code(devtools.auth_code().unwrap());
    let guest = guest.connect().await.unwrap();
    let channel = devtools
        .context()
        .rpc()
        .streaming()
        .create::<u32>("seen:numbers", ChannelOptions::new().replay(10))
        .unwrap();
    let stream = channel.start_with_id("first").unwrap();
    stream.write(&7).await.unwrap();
    let settings = devtools.context().rpc().shared_states();
    let settings = settings.get::<Settings>("seen:settings").unwrap();
    let settings = settings.unwrap();
    settings.mutate(|settings| settings.size = 1).unwrap();
    let files = devtools.context().rpc().streaming();
    let files = files.create::<js::Bytes>("seen:files", ChannelOptions::new());
    let files = files.unwrap();
    let mut upload = files.open_inbound_with_id("wanted").unwrap();
    let mut unwanted = files.open_inbound_with_id("unwanted").unwrap();
    let received = devtools.context().rpc().shared_state("seen:received", 0);
    let received = received.unwrap();
    let uploads = tokio::spawn(async move {
        while let Some(chunk) = upload.next().await {
            let len = chunk.unwrap().len();
            received.mutate(|received| *received += len).unwrap();
        }
        unwanted.next().await
    });
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
    node::run_browser("inspector-live.mjs", &[&link, token]).await;
    calls.await.unwrap();
    drop(guest);
    if uploads.is_finished() {
        let error = uploads.await.unwrap().unwrap().unwrap_err().to_string();
        assert!(error.contains("cancelled in the inspector"), "{error}");
    }
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
