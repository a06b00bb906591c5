//! A tool for the tests with a real Vite: a function for everything that crosses the way between a page and a program.

// Not from the library of the tests: the functions that are collected in it would be functions of this program too.
#[path = "../hanging.rs"]
mod hanging;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::hanging::HangingCalls;
use devtools_runtime::docks::{ClientScript, Command, CustomRenderDock, JsonRenderDock};
use devtools_runtime::state::{SharedState, StateOptions};
use devtools_runtime::streaming::{Channel, ChannelOptions, UploadReader};
use devtools_runtime::trust::Token;
use devtools_runtime::vite::{FileEvent, HotUpdate};
use devtools_runtime::{
    CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DockEntry, Dump,
    EmbeddedFile, Gate, Mode, NotifyError, PluginState, RemoteError, RpcSession, SetupError, cli,
    define_rpc_function, js, rpc_function,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

const PANEL: &[EmbeddedFile] = &[
    EmbeddedFile::new("render.js", RENDER),
    EmbeddedFile::new("index.html", INDEX),
];

const RENDER: &[u8] = b"export default ({ current }) => {
            const draw = panel => panel.textContent = 'drawn by the tool'
            current.events.on('dom:panel:mounted', draw)
            if (current.domElements.panel)
                draw(current.domElements.panel)
        }";

const INDEX: &[u8] = b"<!doctype html><link rel=\"icon\" href=\"data:,\"><title>panel</title><p>the panel of the tool</p>
    <output></output><script type=\"module\">
        import { connect } from './__client.js'
        const rpc = await connect()
        globalThis.rpc = rpc
        document.querySelector('output').textContent = `2 squared is ${await rpc.call('vite-tool:get-square', 2)}`
    </script>";

#[rpc_function(name = "vite-tool:add")]
fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

#[rpc_function(name = "vite-tool:same", encoding = "structured-clone")]
fn same(value: js::Value) -> js::Value {
    value
}

#[rpc_function(name = "vite-tool:fail", kind = "action")]
fn fail(path: String) -> Result<(), RemoteError> {
    Err(RemoteError::coded(
        "not-found",
        format!("no file at {path}"),
    ))
}

/// A function of pages.
#[rpc_function(name = "vite-tool:confirm", kind = "action", side = "client")]
async fn confirm(question: String) -> String;

/// Asks the page that calls.
#[rpc_function(name = "vite-tool:ask", kind = "action")]
async fn ask(session: &RpcSession, question: String) -> Result<String, CallError> {
    Confirm::call(session, question).await
}

/// Tells a page something.
#[rpc_function(name = "vite-tool:told", kind = "event", side = "client")]
async fn told(text: String);

#[rpc_function(name = "vite-tool:tell", kind = "action")]
async fn tell(ctx: &DevToolsContext, text: String) -> Result<usize, NotifyError> {
    Told::broadcast(ctx, text).await
}

#[rpc_function(name = "vite-tool:tell-others", kind = "action")]
async fn tell_others(
    ctx: &DevToolsContext,
    session: &RpcSession,
    text: String,
) -> Result<usize, NotifyError> {
    Told::broadcast(ctx.rpc().audience().except(session), text).await
}

/// Never answers.
#[rpc_function(name = "vite-tool:hang", kind = "query")]
async fn hang(tool: &Tool) {
    tool.hanging.hang().await;
}

/// How many calls of `hang` run.
#[rpc_function(name = "vite-tool:hanging", as = CountHanging)]
fn hanging(tool: &Tool) -> usize {
    tool.hanging.count()
}

/// Ends the program, as a crash does.
#[rpc_function(name = "vite-tool:crash", kind = "action")]
fn crash() {
    std::process::abort();
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    /// The root that was known when the plugin was set up.
    root_at_setup: Option<PathBuf>,
    root: Option<PathBuf>,
    mode: Option<String>,
    plugins: Vec<String>,
    version: Option<String>,
    pid: u32,
}

/// The tool's knowledge of Vite.
#[rpc_function(name = "vite-tool:known", as = GetKnown)]
fn known(ctx: &DevToolsContext, tool: &Tool) -> Known {
    let config = ctx.vite_config();
    Known {
        root_at_setup: tool.root_at_setup.clone(),
        root: config.map(|config| config.root.clone()),
        mode: config.map(|config| config.mode.clone()),
        plugins: config.map_or_else(Vec::new, |config| config.plugins.clone()),
        version: ctx.vite_server().map(|vite| vite.version().to_owned()),
        pid: std::process::id(),
    }
}

#[derive(Serialize, Deserialize)]
struct Length {
    id: String,
    length: Option<usize>,
}

/// The ids of the modules of an environment, with the length of their code: the guide's example.
#[rpc_function(name = "vite-tool:get-lengths")]
async fn get_lengths(ctx: &DevToolsContext, environment: String) -> Result<Vec<Length>, CallError> {
    let Some(vite) = ctx.vite_server() else {
        return Ok(Vec::new());
    };
    let graph = vite.environment(environment).module_graph();
    let mut lengths = Vec::new();
    for id in graph.ids().await? {
        let module = graph.module_by_id(&id).await?;
        let length = module.and_then(|module| module.code_length);
        lengths.push(Length { id, length });
    }
    Ok(lengths)
}

/// Transforms a module of an environment.
#[rpc_function(name = "vite-tool:transform")]
async fn transform(
    ctx: &DevToolsContext,
    environment: String,
    url: String,
) -> Result<Option<String>, CallError> {
    let Some(vite) = ctx.vite_server() else {
        return Ok(None);
    };
    let transformed = vite
        .environment(environment)
        .transform_request(&url)
        .await?;
    Ok(transformed.map(|transformed| transformed.code))
}

/// Invokes a function of another plugin of the project.
#[rpc_function(
    name = "vite-tool:invoke",
    kind = "action",
    encoding = "structured-clone"
)]
async fn invoke(
    ctx: &DevToolsContext,
    name: String,
    arguments: Vec<js::Value>,
) -> Result<js::Value, CallError> {
    match ctx.vite_server() {
        Some(vite) => vite.invoke(&name, arguments).await,
        None => Ok(js::Value::Undefined),
    }
}

/// Sends a custom message to pages, over HMR.
#[rpc_function(name = "vite-tool:send", kind = "action", as = SendToPages)]
async fn send(ctx: &DevToolsContext, text: String) -> Result<(), NotifyError> {
    match ctx.vite_server() {
        Some(vite) => vite.send("vite-tool:message", text).await,
        None => Ok(()),
    }
}

/// The addresses of the Vite server.
#[rpc_function(name = "vite-tool:urls")]
async fn urls(ctx: &DevToolsContext) -> Result<Vec<String>, CallError> {
    match ctx.vite_server() {
        Some(vite) => Ok(vite.urls().await?.local),
        None => Ok(Vec::new()),
    }
}

/// Restarts the Vite server.
#[rpc_function(name = "vite-tool:restart", kind = "action")]
async fn restart(ctx: &DevToolsContext) -> Result<(), CallError> {
    match ctx.vite_server() {
        Some(vite) => vite.restart().await,
        None => Ok(()),
    }
}

/// The changes of files that Vite's watcher has reported.
#[rpc_function(name = "vite-tool:files")]
fn files(tool: &Tool) -> Vec<FileEvent> {
    tool.files.value().files.clone()
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Seen {
    files: Vec<FileEvent>,
    updates: Vec<HotUpdate>,
}

/// The events that are not in the state `vite-tool:seen` yet. Hundreds of files may change at once, and then the state changes once or twice.
#[derive(Default)]
struct News {
    seen: Mutex<Seen>,
    some: Notify,
}

impl News {
    fn add(&self, add: impl FnOnce(&mut Seen)) {
        add(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.some.notify_one();
    }

    fn move_to(&self, seen: &mut Seen) {
        let mut news = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.files.append(&mut news.files);
        seen.updates.append(&mut news.updates);
    }
}

/// The value of the state `vite-tool:list`.
#[rpc_function(name = "vite-tool:read-list")]
fn read_list(tool: &Tool) -> Vec<String> {
    tool.list.value().to_vec()
}

/// Starts a stream that counts, until it is cancelled.
#[rpc_function(name = "vite-tool:count", kind = "action")]
fn count(tool: &Tool, from: u64) -> String {
    let sink = tool.numbers.start();
    let id = sink.id().to_owned();
    let cancelled = tool.cancelled.clone();
    tokio::spawn(async move {
        for number in from.. {
            tokio::select! {
                _reason = sink.cancelled() => break,
                written = sink.write(&number) => if written.is_err() { break },
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let _ = cancelled.mutate(|count| *count += 1);
    });
    id
}

/// Opens an upload, whose numbers are added up in the state `vite-tool:sum`.
#[rpc_function(name = "vite-tool:upload", kind = "action")]
fn upload(tool: &Tool) -> String {
    let mut numbers: UploadReader<u64> = tool.numbers.open_inbound();
    let id = numbers.id().to_owned();
    let sum = tool.sum.clone();
    tokio::spawn(async move {
        while let Some(number) = numbers.next().await {
            let added = match number {
                Ok(number) => sum.mutate(|sum| sum.total += number),
                Err(error) => sum.mutate(|sum| sum.problem = Some(error.to_string())),
            };
            if added.is_err() {
                break;
            }
        }
    });
    id
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Sum {
    total: u64,
    problem: Option<String>,
}

/// Changes the state `vite-tool:sum`, of which pages are told the whole value, many times at once.
#[rpc_function(name = "vite-tool:churn", kind = "action")]
fn churn(tool: &Tool, count: u64) -> Result<(), RemoteError> {
    for _ in 0..count {
        let changed = tool.sum.mutate(|sum| sum.total += 1);
        changed.map_err(|error| RemoteError::new(error.to_string()))?;
    }
    Ok(())
}

/// A view that is described in JSON.
fn view(text: &str) -> serde_json::Value {
    serde_json::json!({
        "root": "root",
        "elements": { "root": { "type": "Text", "props": { "text": text }, "children": [] } },
        "state": {},
    })
}

/// Shows another text in the JSON view.
#[rpc_function(name = "vite-tool:change-view", kind = "action")]
fn change_view(tool: &Tool, text: String) -> Result<(), RemoteError> {
    let changed = tool.view.set(view(&text));
    changed.map_err(|error| RemoteError::new(error.to_string()))
}

/// Registers a function and a dock while the program runs, and creates a view, states and a channel. Some of these have a scope of which the program
/// had nothing before.
#[rpc_function(name = "vite-tool:grow", kind = "action")]
fn grow(ctx: &DevToolsContext) -> Result<(), RemoteError> {
    let failed = |error: &dyn std::fmt::Display| RemoteError::new(error.to_string());
    for key in ["another-scope:late", "vite-tool:late"] {
        let state = ctx.rpc().shared_state(key, format!("the state {key}"));
        state.map_err(|error| failed(&error))?;
    }
    let channel = ChannelOptions::new().replay(16);
    let channel = ctx.rpc().streaming().create("another-scope:words", channel);
    let channel: Channel<String> = channel.map_err(|error| failed(&error))?;
    let sink = channel.start_with_id("words");
    let sink = sink.map_err(|error| failed(&error))?;
    tokio::spawn(async move {
        let _ = sink.write(&"hello".to_owned()).await;
        sink.cancelled().await;
    });
    let view = ctx.views().host_static("/__vite-tool-late/", PANEL);
    view.map_err(|error| failed(&error))?;
    let late = define_rpc_function("vite-tool:late").handler(|| "late".to_owned());
    ctx.rpc().register(late).map_err(|error| failed(&error))?;
    let dock = DockEntry::iframe("vite-tool:late", "Late", "/__vite-tool/");
    ctx.docks().register(dock).map_err(|error| failed(&error))
}

#[derive(Serialize, Deserialize, Clone)]
struct Info {
    mode: Mode,
    root: Option<PathBuf>,
}

#[rpc_function(name = "vite-tool:info", kind = "static", as = GetInfo)]
fn info(ctx: &DevToolsContext) -> Info {
    Info {
        mode: ctx.mode(),
        root: ctx.vite_config().map(|config| config.root.clone()),
    }
}

#[rpc_function(name = "vite-tool:get-square", dump = dump_squares)]
fn get_square(number: u32) -> u32 {
    number.wrapping_mul(number)
}

/// Repeats a word. The number of times may be left out.
#[rpc_function(name = "vite-tool:repeat", dump = dump_repeats)]
fn repeat(word: String, times: Option<u32>) -> String {
    word.repeat(times.unwrap_or(2) as usize)
}

fn dump_repeats(_: &DevToolsContext) -> Dump<(String, Option<u32>), String> {
    Dump::inputs([("ab".to_owned(), None), ("ab".to_owned(), Some(3))])
}

fn dump_squares(_: &DevToolsContext) -> Dump<(u32,), u32> {
    Dump::inputs([(2,), (3,)])
}

#[derive(PluginState)]
struct Tool {
    root_at_setup: Option<PathBuf>,
    hanging: HangingCalls,
    files: SharedState<Seen>,
    list: SharedState<Vec<String>>,
    cancelled: SharedState<u64>,
    view: SharedState<serde_json::Value>,
    sum: SharedState<Sum>,
    numbers: Channel<u64>,
}

struct Setup;

impl DevToolsPlugin for Setup {
    fn name(&self) -> &'static str {
        "vite-tool"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let rpc = ctx.rpc();
        let files = rpc.shared_states().create(
            "vite-tool:seen",
            Seen::default(),
            StateOptions::new().patches(),
        )?;
        let news = Arc::new(News::default());
        let ours = Arc::clone(&news);
        ctx.vite()
            .on_file_event(move |file| ours.add(|seen| seen.files.push(file.clone())));
        let ours = Arc::clone(&news);
        ctx.vite()
            .on_hot_update(move |update| ours.add(|seen| seen.updates.push(update.clone())));
        let seen = files.clone();
        tokio::spawn(async move {
            while seen.mutate(|seen| news.move_to(seen)).is_ok() {
                news.some.notified().await;
            }
        });
        if let Ok(key) = std::env::var("VITE_TOOL_STATE") {
            let value = key.clone();
            rpc.shared_state(&key, value)?;
        }
        let list = vec!["first".to_owned()];
        ctx.insert_state(Tool {
            list: rpc.shared_states().create(
                "vite-tool:list",
                list,
                StateOptions::new().patches(),
            )?,
            root_at_setup: ctx.vite_config().map(|config| config.root.clone()),
            hanging: HangingCalls::default(),
            files,
            cancelled: rpc.shared_state("vite-tool:cancelled", 0)?,
            view: rpc.shared_state("vite-tool:view", view("before"))?,
            sum: rpc.shared_state("vite-tool:sum", Sum::default())?,
            numbers: rpc
                .streaming()
                .create("vite-tool:numbers", ChannelOptions::new().replay(16))?,
        })?;
        if std::env::var_os("VITE_TOOL_WITHOUT_ATTACH").is_some() {
            rpc.unregister("devtools-runtime:vite:attach"); // as in programs that were built before it existed
        }
        ctx.views().host_static("/__vite-tool/", PANEL)?;
        let dock = DockEntry::iframe("vite-tool", "Vite tool", "/__vite-tool/");
        ctx.docks().register(dock.icon("ph:wrench"))?;
        let view = JsonRenderDock::state("vite-tool:view");
        ctx.docks()
            .register(DockEntry::new("vite-tool:view", "JSON view", view))?;
        let script = CustomRenderDock::new(ClientScript::new("/__vite-tool/render.js"));
        ctx.docks()
            .register(DockEntry::new("vite-tool:drawn", "Drawn view", script))?;
        let greet = Command::new("vite-tool:greet", "Greet");
        ctx.commands()
            .register(greet, |_| async { Ok(js::Value::from("hello")) })?;
        Ok(())
    }
}

/// Serves the tool inside an application, below `path`, for clients with the token of the environment.
async fn serve_nested(builder: DevToolsBuilder, path: &str) -> Result<(), Box<dyn Error>> {
    let token = Token::new(std::env::var("DEVTOOLS_RUNTIME_TOKEN")?);
    let gate = Gate::new().memory().token(token);
    let devtools = builder.auth(gate).root_path(path).build().await?;
    let app = axum::Router::new().nest_service(path, devtools.service());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}{path}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let builder = DevTools::builder().plugin(Setup);
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("nested") {
        serve_nested(builder, &arguments.next().ok_or("a path is missing")?).await?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(cli::run(builder).await)
}
