//! Static dumps behind a plain file server, read by the JavaScript clients.

use std::collections::BTreeMap;

use devtools_runtime::dump::DumpOptions;
use devtools_runtime::{
    Auth, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, Dump, EmbeddedFile, Mode,
    RpcError, SetupError, define_rpc_function, js, rpc_function,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::fixture::{Collections, collections};
use tests::node;

/// A function that nobody annotated.
const DEFINED: &str = "site:of:several-scopes";

/// A page that says what answers it. It is the same in the dump.
const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new(
    "index.html",
    br#"<!doctype html>
<link rel="icon" href="data:,">
<output></output>
<script type="module">
  import { connect } from '../__devtools/client.js'
  const rpc = await connect()
  const { name } = await rpc.call('site:get-config')
  const progress = (await rpc.sharedState('site:progress')).value()
  document.querySelector('output').textContent = `${rpc.backend}: ${name}, ${progress.done} since ${progress.started.toISOString()}`
</script>
"#,
)];

#[derive(Serialize, Deserialize)]
struct Config {
    name: String,
    list: Vec<u8>,
}

#[derive(Clone, Serialize, Deserialize)]
struct User {
    id: u32,
    name: String,
}

/// The state that the plugin shares.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Progress {
    done: u32,
    started: Option<js::Date>,
    tags: js::Set<String>,
}

#[rpc_function(name = "site:get-config", kind = "static")]
fn get_config() -> Config {
    Config {
        name: "site".to_owned(),
        list: vec![1, 2, 3],
    }
}

#[rpc_function(name = "site:get-nothing", kind = "static")]
fn get_nothing() -> Option<u8> {
    None
}

#[rpc_function(
    name = "site:get-kinds",
    kind = "static",
    encoding = "structured-clone"
)]
fn get_kinds() -> Collections {
    collections()
}

/// Why there is no user.
#[derive(Debug, thiserror::Error, RpcError)]
enum UserError {
    #[error("no user {id}")]
    NotFound { id: u32 },
    #[rpc_error(public)]
    #[error("cannot read")]
    Disk(#[from] Full),
    #[error("/etc/shadow")]
    Secret(#[source] Full),
}

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("disk full")]
struct Full {
    device: String,
}

#[rpc_function(name = "site:get-user", dump = users)]
fn get_user(id: u32) -> Result<User, UserError> {
    match id {
        1 => Ok(User {
            id,
            name: "Ada".to_owned(),
        }),
        4 => Err(full())?,
        5 => Err(UserError::Secret(full())),
        6 => panic!("no luck"),
        _ => Err(UserError::NotFound { id }),
    }
}

fn full() -> Full {
    Full {
        device: "sda".to_owned(),
    }
}

fn users(_ctx: &DevToolsContext) -> Dump<(u32,), Result<User, UserError>> {
    Dump::inputs([1, 3, 4, 5, 6].map(|id| (id,)))
}

#[rpc_function(name = "site:find-user", dump = by_name)]
async fn find_user(name: String) -> Option<User> {
    (name == "Ada").then_some(User { id: 1, name })
}

fn by_name(_ctx: &DevToolsContext) -> Dump<(String,), Option<User>> {
    Dump::inputs(["Ada", "Bob"].map(|name| (name.to_owned(),))).fallback(None)
}

#[rpc_function(name = "site:score", dump = scores)]
fn score(name: String) -> i32 {
    if name == "Ada" { 7 } else { 0 }
}

fn scores(_ctx: &DevToolsContext) -> Dump<(String,), i32> {
    Dump::new().record(("Ada".to_owned(),), 7).fallback(-1)
}

#[rpc_function(name = "site:size", snapshot)]
fn size(_filter: Option<String>) -> usize {
    2
}

#[rpc_function(name = "site:greet", dump = greetings)]
fn greet(name: String, greeting: Option<String>, loud: Option<bool>) -> String {
    let text = format!("{}, {name}", greeting.as_deref().unwrap_or("Hello"));
    if loud.unwrap_or(false) {
        text.to_uppercase()
    } else {
        text
    }
}

fn greetings(_ctx: &DevToolsContext) -> Dump<(String, Option<String>, Option<bool>), String> {
    Dump::inputs([
        ("Ada".to_owned(), None, None),
        ("Ada".to_owned(), Some("Hi".to_owned()), None),
        ("Bob".to_owned(), None, Some(true)),
    ])
}

#[derive(Serialize, Deserialize)]
struct Later {
    when: Option<js::Date>,
    tags: js::Set<String>,
}

#[rpc_function(
    name = "site:later",
    as = GetLater,
    encoding = "structured-clone",
    dump = laters
)]
fn later(when: js::Date) -> Result<Later, js::Error> {
    if js::Date::from_millis(0) == Some(when) {
        return Ok(Later {
            when: js::Date::from_millis(1),
            tags: ["a".to_owned()].into_iter().collect(),
        });
    }
    Err(js::Error::with_name("QuotaExceededError", "no time"))
}

fn laters(_ctx: &DevToolsContext) -> Dump<(js::Date,), Result<Later, js::Error>> {
    let dates = [0, 5].into_iter().filter_map(js::Date::from_millis);
    Dump::inputs(dates.map(|date| (date,)))
}

#[rpc_function(name = "site:sum", dump = sums)]
fn sum(of: BTreeMap<String, Value>) -> usize {
    of.len()
}

fn sums(_ctx: &DevToolsContext) -> Dump<(BTreeMap<String, Value>,), usize> {
    let of = serde_json::json!({ "b": 1, "a": [true, null] });
    Dump::inputs(serde_json::from_value(of).map(|of| (of,)))
}

#[rpc_function(name = "site:live")]
fn live() -> u8 {
    1
}

#[rpc_function(name = "site:touch", kind = "action")]
fn touch() {}

#[rpc_function(name = "site:note", kind = "event")]
fn note(_text: String) {}

struct Site;

impl DevToolsPlugin for Site {
    fn name(&self) -> &'static str {
        "site"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.views().host_static("/__site/", PANEL)?;
        ctx.rpc()
            .register(define_rpc_function(DEFINED).handler(|| "found".to_owned()))?;
        let progress = Progress {
            done: 3,
            started: js::Date::from_millis(86_400_000),
            tags: ["a", "b"].map(str::to_owned).into_iter().collect(),
        };
        ctx.rpc().shared_state("site:progress", progress)?;
        Ok(())
    }
}

fn devtools() -> DevToolsBuilder {
    // This program has further functions, of the fixture.
    DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(GetConfig::definition())
        .function(GetNothing::definition())
        .function(GetKinds::definition())
        .function(GetUser::definition())
        .function(FindUser::definition())
        .function(Score::definition())
        .function(Size::definition())
        .function(Greet::definition())
        .function(GetLater::definition())
        .function(Sum::definition())
        .function(Live::definition())
        .function(Touch::definition())
        .function(Note::definition())
        .plugin(Site)
}

/// Runs a program on a dump, and on a server of the same functions.
async fn check(run: impl AsyncFn(&str, &[&str]), program: &str) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("dump");
    let built = devtools().mode(Mode::Build).build().await.unwrap();
    let options = DumpOptions::new().snapshot(DEFINED);
    built.build_with(&folder, options).await.unwrap();
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    run(program, &[folder.to_str().unwrap(), &server.url()]).await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_read_a_dump_as_they_read_its_server() {
    check(node::run, "static-site.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_read_a_dump_as_they_read_its_server() {
    check(node::run_browser, "static-site-page.mjs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_read_what_the_real_builder_wrote() {
    node::run("static-client.mjs", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_read_what_the_real_builder_wrote() {
    node::run_browser("static-page.mjs", &[]).await;
}
