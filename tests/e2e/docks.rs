//! The dock, and the views that its entries open: with the real client of the hub.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use analytics::{Analytics, MetricsUpdated};
use devtools_runtime::docks::{
    ActionDock, BadgeVariant, ClientScript, Command, CommandError, DockError, DockView, GroupDock,
    JsonRenderDock, LauncherDock,
};
use devtools_runtime::dump::DumpOptions;
use devtools_runtime::state::SharedStateError;
use devtools_runtime::{
    DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, Mode,
    NotifyError, PluginState, SetupError, js, rpc_function,
};
use tests::{fixture, node};

const PAGE: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    b"<!doctype html>the modules",
)];

/// The images of a dock entry.
const IMAGES: &[EmbeddedFile] = &[
    EmbeddedFile::new(
        "icon.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='100%' height='100%' viewBox='0 0 18 18'/>",
    ),
    EmbeddedFile::new("act.js", b"export default () => {}"),
];

/// A renderer of views that are described in JSON: it shows the text of the first element.
const RENDERER: &[EmbeddedFile] = &[EmbeddedFile::new(
    "json-render.js",
    b"export async function render({ entry, container, context }) {
        const state = await context.rpc.sharedState.get(entry.view.stateKey)
        const show = () => container.textContent = state.value().elements[state.value().root].props.text
        state.on('updated', show)
        show()
        return { dispose: () => container.replaceChildren() }
    }",
)];

/// The entries that were opened.
#[derive(PluginState)]
struct Opened(Arc<Mutex<Vec<String>>>);

struct Docked;

impl DevToolsPlugin for Docked {
    fn name(&self) -> &'static str {
        "docks"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let opened = Arc::new(Mutex::new(Vec::new()));
        ctx.insert_state(Opened(Arc::clone(&opened)))?;
        ctx.docks().on_activate(move |activation| {
            opened.lock().unwrap().push(activation.dock_id.clone());
        });
        ctx.views().host_static("/__modules/", PAGE)?;
        let modules = DockEntry::iframe("modules", "Modules", "/__modules/").icon("ph:cube");
        let modules = modules.category("app").badge("3", BadgeVariant::Warning);
        ctx.docks().register(modules)?;
        let launcher = LauncherDock::new("Start").command("docks:start");
        ctx.docks()
            .register(DockEntry::new("start", "Start", launcher))?;
        let script = ClientScript::new("/act.js");
        ctx.docks()
            .register(DockEntry::new("act", "Act", ActionDock::new(script)))?;
        let opened = Arc::clone(&ctx.state::<Opened>()?.0);
        let command = Command::new("docks:start", "Start").keybinding("Mod+K");
        ctx.commands().register(command, move |arguments| {
            opened.lock().unwrap().push("launched".to_owned());
            async { Ok(js::Value::Array(arguments)) }
        })?;
        Ok(())
    }
}

/// Opens an entry.
#[rpc_function(name = "docks:open", kind = "action")]
fn open(ctx: &DevToolsContext, id: String) {
    ctx.docks().activate(id, js::Value::Undefined);
}

/// Returns the entries that were opened so far.
#[rpc_function(name = "docks:opened", as = WhatOpened)]
fn opened(opened: &Opened) -> Vec<String> {
    opened.0.lock().unwrap().clone()
}

/// Adds an entry.
#[rpc_function(name = "docks:add", kind = "action")]
fn add(ctx: &DevToolsContext, id: String) -> Result<(), DockError> {
    ctx.docks().register(DockEntry::iframe(id, "Late", "/"))
}

/// Changes one.
#[rpc_function(name = "docks:badge", kind = "action")]
fn badge(ctx: &DevToolsContext, id: String, text: String) -> Result<(), DockError> {
    ctx.docks()
        .update(&id, |entry| entry.badge(text, BadgeVariant::Default))
}

/// Takes one out.
#[rpc_function(name = "docks:remove", kind = "action")]
fn remove(ctx: &DevToolsContext, id: String) -> bool {
    ctx.docks().remove(&id)
}

/// Changes the text of the report.
#[rpc_function(name = "docks:report", kind = "action", as = WriteReport)]
fn report(ctx: &DevToolsContext, text: String) -> Result<(), SharedStateError> {
    let state = ctx.rpc().shared_state("docks:report", view(""))?;
    state.set(view(&text)).map_err(Into::into)
}

fn view(text: &str) -> serde_json::Value {
    serde_json::json!({
        "root": "text",
        "elements": { "text": { "type": "Text", "props": { "text": text }, "children": [] } },
    })
}

/// Tells panels that a file has changed. Returns how many there are.
#[rpc_function(name = "docks:touch", kind = "action")]
async fn touch(ctx: &DevToolsContext, file: String) -> Result<usize, NotifyError> {
    MetricsUpdated::broadcast(ctx, file).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_client_lists_and_opens_the_entries() {
    let folder = tempfile::tempdir().unwrap();
    let devtools = fixture::devtools().plugin(Docked).storage(folder.path());
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    node::run("hub-client.mjs", &[&server.url()]).await;
    server.shutdown().await;
    // Where there is no Node nothing was set.
    let settings = fs::read_to_string(folder.path().join("project/user-settings.json"));
    assert!(settings.is_err() || settings.unwrap().contains("\"modules\""));
}

#[tokio::test]
async fn entries_that_cannot_be_are_refused() {
    let devtools = fixture::devtools().plugin(Docked).build().await.unwrap();
    let docks = devtools.context().docks();
    let page = |id: &str| DockEntry::iframe(id, "X", "/x/");
    let taken = DockError::Duplicate("act".to_owned());
    assert_eq!(docks.register(page("act")), Err(taken));
    let unknown = DockError::Unknown("x".to_owned());
    assert_eq!(docks.update("x", |entry| entry), Err(unknown));
    let renamed = docks.update("act", |_| page("other")).unwrap_err();
    assert_eq!(
        renamed.to_string(),
        "the id of the dock entry `act` cannot change to `other`: register another entry instead"
    );
    let own = docks.register(page("x").group_id("x"));
    assert_eq!(own, Err(DockError::OwnMember("x".to_owned())));
    let group = DockEntry::new("g", "G", GroupDock::new());
    let nested = docks.register(group.clone().group_id("h"));
    assert_eq!(nested, Err(DockError::NestedGroup("g".to_owned())));
    docks.register(group).unwrap();
    docks
        .register(DockEntry::new("~settings", "Settings", DockView::Builtin).group_id("g"))
        .unwrap();
    assert!(docks.remove("g") && !docks.remove("g"));
    let ids: Vec<_> = docks
        .list()
        .iter()
        .map(|entry| entry.id().to_owned())
        .collect();
    assert_eq!(ids, ["modules", "start", "act", "~settings"]);

    let again = Command::new("docks:start", "Again");
    let commands = devtools.context().commands();
    let taken = commands.register(again, |_| async { Ok(js::Value::Null) });
    assert_eq!(
        taken,
        Err(CommandError::Duplicate("docks:start".to_owned()))
    );
    let child = |id: &str| Command::new(id, "Child");
    let add =
        |parent, id| commands.register_under(parent, child(id), |_| async { Ok(js::Value::Null) });
    assert_eq!(add("docks:start", "docks:child"), Ok(()));
    let unknown = CommandError::Unknown("docks:nothing".to_owned());
    assert_eq!(add("docks:nothing", "docks:other"), Err(unknown));
    assert!(commands.remove("docks:start") && !commands.remove("docks:start"));
    assert!(!commands.remove("docks:child"));
}

#[tokio::test]
async fn renderers_are_named_and_commands_listed() {
    let devtools = fixture::devtools().plugin(Docked).build().await.unwrap();
    let context = devtools.context();
    let script = |from: &str| ClientScript::new(from).import_name("render");
    context.docks().renderer("json-render", script("/old.mjs"));
    context.docks().renderer("json-render", script("/new.mjs"));
    context
        .docks()
        .renderer("chart", ClientScript::new("/chart.mjs"));
    let client = devtools.client();
    let key = "devframe:dock-renderers";
    let renderers = client.shared_state::<serde_json::Value>(key).await.unwrap();
    let named = serde_json::json!({
        "chart": {"importFrom": "/chart.mjs"},
        "json-render": {"importFrom": "/new.mjs", "importName": "render"},
    });
    assert_eq!(*renderers.value(), named);

    // Whoever tries it by the key is told how it is done.
    let mine = context.rpc().shared_state(key, js::Value::Null);
    assert_eq!(
        mine.unwrap_err().to_string(),
        "the shared state `devframe:dock-renderers` belongs to the runtime: use `ctx.docks().renderer(…)`"
    );

    let commands = context.commands();
    let child = Command::new("docks:child", "Child");
    let added = commands.register_under("docks:start", child.clone(), |_| async {
        Ok(js::Value::Null)
    });
    added.unwrap();
    let listed = commands.list();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].id(), listed[0].title()),
        ("docks:start", "Start")
    );
    assert_eq!(listed[0].children(), [child]);
    let told: Vec<Command> = client
        .call_structured("devframe:rpc:server-state:get", ("devframe:commands",))
        .await
        .unwrap();
    assert_eq!(told, listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_of_the_hub_shows_the_entries() {
    let folder = tempfile::tempdir().unwrap();
    let devtools = with_interface(fixture::devtools(), folder.path()).await;
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    use_interface(&server.url(), &server.url_of("/__hub/"), folder.path()).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_of_the_hub_shows_the_entries_of_a_nested_service() {
    let folder = tempfile::tempdir().unwrap();
    let builder = fixture::devtools().root_path("/tools/lens");
    let devtools = with_interface(builder, folder.path()).await;
    let app = axum::Router::new().nest_service("/tools/lens", devtools.service());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mount = format!("http://{}/tools/lens/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    use_interface(&mount, &format!("{mount}__hub/"), folder.path()).await;
    serving.abort();
    devtools.shutdown().await;
}

async fn with_interface(builder: DevToolsBuilder, storage: &Path) -> DevTools {
    let builder = builder.plugin(Docked).plugin(Analytics::default());
    let builder = builder.config("ui", branding());
    let devtools = builder.storage(storage).build().await.unwrap();
    let context = devtools.context();
    context.views().host_static("/__hub/", interface()).unwrap();
    let views = context.views();
    views.host_static("/__renderer/", RENDERER).unwrap();
    let script = ClientScript::new("/__renderer/json-render.js").import_name("render");
    context.docks().renderer("json-render", script);
    let state = context
        .rpc()
        .shared_state("docks:report", view("no problem"));
    state.unwrap();
    let report = JsonRenderDock::state("docks:report");
    let report = DockEntry::new("report", "Report", report);
    context.docks().register(report).unwrap();
    devtools
}

/// The name that the interface shows.
fn branding() -> serde_json::Value {
    serde_json::json!({ "branding": { "productName": "Lens" } })
}

async fn use_interface(base: &str, page: &str, folder: &Path) {
    let screenshot = folder.join("hub.png");
    node::run_browser("hub-ui.mjs", &[base, page, screenshot.to_str().unwrap()]).await;
}

#[tokio::test]
async fn addresses_are_below_the_root_path_and_a_dump_has_them_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let builder = fixture::devtools().plugin(Docked).root_path("/team/");
    let builder = builder.config("ui", branding());
    let devtools = builder.mode(Mode::Build).build().await.unwrap();
    let context = devtools.context();
    let renderer = ClientScript::new("/chart.mjs");
    context.docks().renderer("chart", renderer);
    let client = devtools.client();
    let docks = client
        .shared_state::<Vec<DockEntry>>("devframe:docks")
        .await;
    let docks = serde_json::to_value(&*docks.unwrap().value()).unwrap();
    assert_eq!(docks[0]["url"], "/team/__modules/");
    assert_eq!(docks[0]["icon"], "ph:cube");
    assert_eq!(docks[2]["action"]["importFrom"], "/team/act.js");
    let key = "devframe:dock-renderers";
    let renderers = client.shared_state::<serde_json::Value>(key).await.unwrap();
    assert_eq!(renderers.value()["chart"]["importFrom"], "/team/chart.mjs");
    // The program sees them as it has written them.
    let listed = serde_json::to_value(context.docks().list()).unwrap();
    assert_eq!(listed[0]["url"], "/__modules/");

    devtools.build(folder.path().join("dist")).await.unwrap();
    let metadata = fs::read(folder.path().join("dist/__connection.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    assert_eq!(metadata["configs"]["ui"], branding());
    let dump = folder.path().join("dist/__rpc-dump");
    let files = fs::read_dir(dump)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let texts: Vec<String> = files.filter(|text| text.contains("__modules/")).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].contains("\"./__modules/\"") && !texts[0].contains("/team/__modules/"),
        "{texts:?}"
    );

    for refused in ["team", "/a//b", "/a?b", "/a#b"] {
        let error = DevTools::builder()
            .root_path(refused)
            .build()
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("a root path begins with a slash: `/tools/lens`, not `{refused}`")
        );
    }
}

/// The interface of the hub, as it is published.
fn interface() -> std::path::PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join("node/node_modules/@devframes/hub-ui/dist/client/standalone")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_entries_of_a_dump_are_found_below_any_path() {
    let folder = tempfile::tempdir().unwrap();
    let devtools = fixture::devtools().plugin(Docked).storage(folder.path());
    let devtools = devtools.mode(Mode::Build).build().await.unwrap();
    let context = devtools.context();
    if !interface().exists() {
        // There is no Node.
        return;
    }
    context.views().host_static("/__hub/", interface()).unwrap();
    context.views().host_static("/__images/", IMAGES).unwrap();
    let pictured = DockEntry::iframe("pictured", "Pictured", "/__modules/?tab=1");
    let pictured = pictured.icon("/__images/icon.svg");
    context.docks().register(pictured).unwrap();
    let script = ClientScript::new("/__images/act.js");
    let scripted = ActionDock::new(script);
    context
        .docks()
        .register(DockEntry::new("scripted", "Scripted", scripted))
        .unwrap();
    let [anywhere, below] = ["anywhere", "below"].map(|dist| folder.path().join(dist));
    devtools.build(&anywhere).await.unwrap();
    let options = DumpOptions::new().base("/repo/");
    devtools.build_with(&below, options).await.unwrap();
    let arguments = [anywhere.to_str().unwrap(), below.to_str().unwrap()];
    node::run_browser("static-docks.mjs", &arguments).await;
}
