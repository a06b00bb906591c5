//! A server with functions of every kind, called by every client there is.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, Mode, PluginState,
    RpcError, RpcSession, SetupError, js, rpc_function,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state of the fixture's functions.
#[derive(Debug, Default, PluginState)]
pub struct Store {
    count: Mutex<i64>,
    notifications: Mutex<Vec<String>>,
}

/// Puts the [`Store`] into the context.
#[derive(Debug)]
pub struct Fixture;

impl DevToolsPlugin for Fixture {
    fn name(&self) -> &'static str {
        "e2e"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Store::default())?;
        Ok(())
    }
}

/// A builder with all of the fixture in it.
pub fn devtools() -> DevToolsBuilder {
    DevTools::builder().auth(Auth::None).plugin(Fixture)
}

/// A module, as the guides' examples have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Its path.
    pub id: String,
    /// In bytes.
    pub size: u64,
    /// Left out unless it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The facts about a module that are wanted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModuleOptions {
    /// Whether to include the source.
    pub include_source: bool,
}

/// The configuration of a build.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The working directory.
    pub root: String,
    /// Dev or build.
    pub mode: Mode,
}

/// Adds two numbers.
#[rpc_function(name = "e2e:add")]
pub fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// Greets somebody. A sync function with an optional parameter.
#[rpc_function(name = "e2e:greet")]
pub fn greet(name: String, greeting: Option<String>) -> String {
    format!("{}, {name}!", greeting.as_deref().unwrap_or("Hello"))
}

/// The modules.
#[rpc_function(name = "e2e:get-modules", kind = "query")]
pub async fn get_modules() -> Vec<Module> {
    let module = |id: &str, size| Module {
        id: id.to_owned(),
        size,
        source: None,
    };
    vec![module("/src/main.ts", 1024), module("/src/App.vue", 2048)]
}

/// One module. It asks another function, without a network.
#[rpc_function(name = "e2e:get-module", kind = "query")]
pub async fn get_module(
    ctx: &DevToolsContext,
    id: String,
    options: Option<ModuleOptions>,
) -> Result<Option<Module>, CallError<Infallible>> {
    let modules = GetModules::invoke_local(ctx).await?;
    let found = modules.into_iter().find(|module| module.id == id);
    Ok(found.map(|module| Module {
        source: options
            .is_some_and(|options| options.include_source)
            .then(|| format!("// {}", module.id)),
        ..module
    }))
}

/// The configuration.
#[rpc_function(name = "e2e:get-config", kind = "static")]
pub fn get_config(ctx: &DevToolsContext) -> Config {
    Config {
        root: ctx.cwd().display().to_string(),
        mode: ctx.mode(),
    }
}

/// Why `e2e:fail` fails.
#[derive(Debug)]
pub struct Boom;

impl std::fmt::Display for Boom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("boom")
    }
}

impl std::error::Error for Boom {}

/// Fails, by an error or by a panic.
#[rpc_function(name = "e2e:fail")]
pub async fn fail(how: String) -> Result<(), Boom> {
    assert!(how != "panic", "boom");
    if how == "late-panic" {
        tokio::time::sleep(Duration::from_millis(1)).await;
        panic!("boom");
    }
    Err(Boom)
}

/// Why a file cannot be read: a variant of every form.
#[derive(Debug, thiserror::Error, RpcError)]
#[serde(rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("no file at `{path}`")]
    NotFound {
        path: String,
        nearest_path: Option<String>,
    },
    #[rpc_error(code = "too-large")]
    #[error("the file has {0} bytes, and {1} may be read")]
    Size(u64, u64),
    #[error("a syntax error in line {}", .0.line_number)]
    Syntax(Mistake),
    #[error("somebody else reads it")]
    Busy,
    #[error("cannot read: {0}")]
    Io(#[from] std::io::Error),
    #[rpc_error(internal)]
    #[error("the user {user} may not read")]
    Forbidden { user: String },
    #[rpc_error(public)]
    #[error(transparent)]
    Shown(#[from] Mistake),
}

/// A mistake in a file, which callers may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("a mistake in line {line_number}\n[code: looks-like-one]")]
pub struct Mistake {
    /// Counted from 1.
    pub line_number: u32,
}

impl ReadError {
    /// The error of this code.
    pub fn of(code: &str) -> Self {
        let mistake = Mistake { line_number: 7 };
        match code {
            "not-found" => Self::NotFound {
                path: "/nope \"]\n[code: x]".to_owned(),
                nearest_path: None,
            },
            "too-large" => Self::Size(1 << 60, 1024),
            "syntax" => Self::Syntax(mistake),
            "busy" => Self::Busy,
            "io" => Self::Io(std::io::Error::other("/etc/secret is on fire")),
            "forbidden" => Self::Forbidden {
                user: "root".to_owned(),
            },
            _ => Self::Shown(mistake),
        }
    }
}

/// Fails with the error of this code.
#[rpc_function(name = "e2e:read-file")]
pub fn read_file(code: String) -> Result<String, ReadError> {
    Err(ReadError::of(&code))
}

/// Fails with the error of this code, later and by the other codec.
#[rpc_function(
    name = "e2e:read-clone",
    kind = "action",
    encoding = "structured-clone"
)]
pub async fn read_clone(code: String) -> Result<js::Value, ReadError> {
    tokio::task::yield_now().await;
    Err(ReadError::of(&code))
}

/// Answers after a while.
#[rpc_function(name = "e2e:sleep")]
pub async fn sleep(ms: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms
}

/// Keeps a number.
#[rpc_function(name = "e2e:set-count", kind = "action")]
pub async fn set_count(store: &Store, n: i64) {
    if let Ok(mut count) = store.count.lock() {
        *count = n;
    }
}

/// The number kept.
#[rpc_function(name = "e2e:get-count")]
pub fn get_count(store: &Store) -> i64 {
    store.count.lock().map_or(0, |count| *count)
}

/// Keeps a message.
#[rpc_function(name = "e2e:notify", kind = "event")]
pub fn notify(store: &Store, message: String) {
    if let Ok(mut notifications) = store.notifications.lock() {
        notifications.push(message);
    }
}

/// Notifies after a while.
#[rpc_function(name = "e2e:notify-later", kind = "action")]
pub async fn notify_later(store: &Store, message: String) {
    tokio::time::sleep(Duration::from_millis(200)).await;
    notify(store, message);
}

/// The messages kept.
#[rpc_function(name = "e2e:notifications")]
pub fn notifications(store: &Store) -> Vec<String> {
    store
        .notifications
        .lock()
        .map(|notifications| notifications.clone())
        .unwrap_or_default()
}

/// A message to every client.
#[rpc_function(name = "e2e:message", kind = "event", side = "client")]
pub async fn message(message: String);

/// Sends [`Message`] to every client.
#[rpc_function(name = "e2e:broadcast", kind = "action")]
pub async fn broadcast(
    ctx: &DevToolsContext,
    message: String,
) -> Result<usize, devtools_runtime::NotifyError> {
    Message::broadcast(ctx, message).await
}

/// A question that a client answers.
#[rpc_function(name = "e2e:answer", kind = "query", side = "client")]
pub async fn answer(question: String) -> String;

/// Asks the client that calls.
#[rpc_function(name = "e2e:ask-client", kind = "action")]
pub async fn ask_client(
    session: &RpcSession,
    question: String,
) -> Result<String, CallError<Infallible>> {
    Answer::call(session, question).await
}

/// One of every type that JSON has no word for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct Collections {
    pub map: js::Map<String, u8>,
    pub set: js::Set<u8>,
    pub date: Option<js::Date>,
    pub big: js::BigInt,
    pub bytes: js::Bytes,
    pub nan: Option<f64>,
    pub negative_zero: f64,
    pub missing: js::Undefined,
}

/// One of every type that JSON has no word for.
#[rpc_function(name = "e2e:collections", as = GetCollections, encoding = "structured-clone")]
pub fn collections() -> Collections {
    Collections {
        map: [("a".to_owned(), 1), ("b".to_owned(), 2)]
            .into_iter()
            .collect(),
        set: [1, 2, 3].into_iter().collect(),
        date: js::Date::from_millis(0),
        big: js::BigInt::from(1_i128 << 70),
        bytes: js::Bytes::from(vec![1, 2, 3]),
        nan: Some(f64::NAN),
        negative_zero: -0.0,
        missing: js::Undefined,
    }
}

/// Any value, with its type.
#[rpc_function(name = "e2e:echo-clone", encoding = "structured-clone")]
pub fn echo_clone(value: js::Value) -> js::Value {
    value
}

/// Any value, as JSON.
#[rpc_function(name = "e2e:echo")]
pub fn echo(value: Value) -> Value {
    value
}

/// The sessions that are connected, by number.
#[rpc_function(name = "e2e:sessions")]
pub fn sessions(ctx: &DevToolsContext) -> BTreeSet<u64> {
    ctx.rpc().sessions().iter().map(RpcSession::id).collect()
}
