//! The options of the attribute.

// The library of these tests is not linked: its functions would be collected, and they want a state of their own.
#[path = "../src/wait.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod wait;

#[path = "../src/log.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod log;

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use devtools_runtime::__private::{WrittenDump, dump_of};
use devtools_runtime::context::RegisterError;
use devtools_runtime::functions::{AgentOptions, AgentSafety};
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsPlugin, DevToolsRpcClient, Dump, Limits,
    PluginState, RpcSession, Server, Setup, SetupError, define_rpc_function, rpc_function,
};
use serde_json::{Value, json};

use tracing_subscriber::filter::LevelFilter;

use crate::log::Log;
use wait::in_time;

/// The state that the functions share.
#[derive(PluginState)]
struct Shared {
    calls: AtomicUsize,
    sender: mpsc::Sender<String>,
    receiver: Mutex<mpsc::Receiver<String>>,
}

#[rpc_function(name = "options:count", cacheable, title = "Count the calls")]
fn count(shared: &Shared, step: usize) -> usize {
    shared.calls.fetch_add(step, Ordering::SeqCst) + step
}

#[rpc_function(name = "options:version", kind = "static")]
fn version() -> u8 {
    1
}

/// Waits on its thread until [`release`] is called.
#[rpc_function(name = "options:block", kind = "action", blocking)]
fn block(shared: &Shared, session: &RpcSession, text: String) -> (String, u64) {
    let received = shared.receiver.lock().unwrap().recv().unwrap();
    (text + &received, session.id())
}

#[rpc_function(name = "options:release", kind = "action")]
fn release(shared: &Shared, text: String) {
    shared.sender.send(text).unwrap();
}

#[rpc_function(name = "options:block-not", blocking)]
fn block_not() -> u8 {
    7
}

#[rpc_function(name = "options:block-and-panic", blocking)]
fn block_and_panic() -> Result<u8, std::fmt::Error> {
    panic!("on a thread of its own");
}

#[rpc_function(name = "options:stuck", timeout = "20ms")]
async fn stuck(shared: &Shared) -> Result<(), std::fmt::Error> {
    shared.calls.fetch_add(1, Ordering::SeqCst);
    pending().await
}

#[rpc_function(name = "options:quick", timeout = "2m")]
async fn quick(text: String) -> String {
    tokio::task::yield_now().await;
    text
}

#[rpc_function(
    name = "options:block-stuck",
    kind = "action",
    blocking,
    timeout = "20ms"
)]
fn block_stuck(shared: &Shared) -> String {
    shared.receiver.lock().unwrap().recv().unwrap()
}

/// Removes a module for good.
#[rpc_function(
    name = "options:remove",
    kind = "action",
    agent(safety = "destructive", title = "Remove", tags = ["modules", "files"]),
)]
fn remove(_id: String) {}

/// Lists the modules.
#[rpc_function(name = "options:modules", agent, snapshot)]
fn modules(_filter: Option<String>) -> Vec<String> {
    Vec::new()
}

#[rpc_function(name = "options:size", dump = sizes)]
async fn size(id: String, scale: Option<usize>) -> Result<Option<usize>, std::fmt::Error> {
    Ok(Some(id.len() * scale.unwrap_or(1)))
}

/// Depends on the context, waits, and may fail.
async fn sizes(
    ctx: &DevToolsContext,
) -> Result<
    Dump<(String, Option<usize>), Result<Option<usize>, std::fmt::Error>>,
    devtools_runtime::context::MissingState,
> {
    tokio::task::yield_now().await;
    let calls = ctx.state::<Shared>()?.calls.load(Ordering::SeqCst);
    let inputs = (0..calls).map(|call| (format!("id{call}"), None));
    Ok(Dump::inputs(inputs).fallback(Ok(None)))
}

#[rpc_function(name = "options:both", setup, dump = of_attribute)]
fn both(shared: &Shared) -> Setup<fn(u8) -> Option<u8>> {
    let dumps = shared.calls.load(Ordering::SeqCst) > 0;
    let setup = Setup::handler(|id: u8| Some(id));
    if dumps {
        setup.dump(Dump::inputs([(1,), (2,)]))
    } else {
        setup
    }
}

fn of_attribute(_ctx: &DevToolsContext) -> Dump<(u8,), Option<u8>> {
    Dump::inputs([(3,)]).fallback(None)
}

/// A dump of what is never dumped.
#[rpc_function(name = "options:save-all", kind = "action", setup)]
fn save_all() -> Setup<fn(u8) -> u8> {
    Setup::handler(|id: u8| id).dump(Dump::inputs([(1,)]))
}

/// A dump of what is dumped as it is.
#[rpc_function(name = "options:get-limit", kind = "static", setup)]
fn get_limit() -> Setup<fn() -> u8> {
    Setup::handler(|| 1).dump(Dump::inputs([()]))
}

struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "options"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let (sender, receiver) = mpsc::channel();
        ctx.insert_state(Shared {
            calls: AtomicUsize::new(0),
            sender,
            receiver: Mutex::new(receiver),
        })?;
        Ok(())
    }
}

async fn program() -> DevTools {
    let builder = DevTools::builder().auth(Auth::None).plugin(Plugin);
    builder.build().await.unwrap()
}

async fn served() -> (Server, String) {
    let server = program().await.bind("127.0.0.1:0").await.unwrap();
    let url = server.url();
    (server, url)
}

fn shared(devtools: &DevTools) -> &Shared {
    devtools.context().state().unwrap()
}

#[tokio::test]
async fn cacheable_queries_are_kept_by_clients_that_ask_for_it() {
    let (server, url) = served().await;
    let rpc = DevToolsRpcClient::connect(&url).await.unwrap();
    let ctx = server.devtools().context();
    let closure = define_rpc_function("options:closure").query().cacheable();
    ctx.rpc().register(closure.handler(|| 1_u8)).unwrap();
    let names: Vec<String> = rpc
        .call_dynamic("devframe:rpc:cacheable-functions", ())
        .await
        .unwrap();
    assert_eq!(
        names,
        [
            "options:closure",
            "options:count",
            "options:get-limit",
            "options:version"
        ]
    );

    let caching = DevToolsRpcClient::builder(&url)
        .cache_queries()
        .connect()
        .await
        .unwrap();
    let asked = async {
        // A cached result is refreshed in the background.
        let mut last = Count::call(&caching, 1).await.unwrap();
        loop {
            let next = Count::call(&caching, 1).await.unwrap();
            if next == last {
                return last;
            }
            last = next;
        }
    };
    let kept = in_time(asked).await;
    assert_eq!(Count::call(&caching, 1).await.unwrap(), kept);
    assert_eq!(Count::call(&caching, 100).await.unwrap(), kept + 100);
    assert_eq!(Count::call(&rpc, 1).await.unwrap(), kept + 101);
}

#[tokio::test]
async fn only_a_query_is_cacheable() {
    let devtools = program().await;
    let closure = define_rpc_function("options:closure").action().cacheable();
    let refused = devtools.context().rpc().register(closure.handler(|| ()));
    assert!(matches!(refused, Err(RegisterError::Cacheable(name)) if name == "options:closure"));
}

#[tokio::test]
async fn a_blocking_function_does_not_hold_its_connection_up() {
    let (server, url) = served().await;
    let remote = DevToolsRpcClient::connect(&url).await.unwrap();
    for rpc in [remote, server.devtools().client()] {
        let blocked = tokio::spawn(Block::call(&rpc, "a"));
        in_time(Release::call(&rpc, "b")).await.unwrap();
        let (text, session) = in_time(blocked).await.unwrap().unwrap();
        assert_eq!(text, "ab");
        assert!(session > 0, "its references are those of the call");
    }
    let ctx = server.devtools().context().clone();
    let local = tokio::spawn(async move { Block::invoke_local(&ctx, "c").await });
    Release::invoke_local(server.devtools().context(), "d")
        .await
        .unwrap();
    assert_eq!(in_time(local).await.unwrap().unwrap().0, "cd");
}

#[tokio::test]
async fn a_session_that_floods_leaves_threads_to_others() {
    let limits = Limits::new().blocking_calls(2);
    let builder = DevTools::builder().auth(Auth::None).plugin(Plugin);
    let devtools = builder.limits(limits).build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let greedy = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let modest = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let greedy = greedy.clone();
        calls.spawn(async move { Block::call(&greedy, "a").await.unwrap() });
    }
    // Each of these has come after the flood, and needs a thread.
    for _ in 0..20 {
        assert_eq!(in_time(BlockNot::call(&modest)).await.unwrap(), 7);
    }
    for _ in 0..100 {
        Release::call(&modest, "b").await.unwrap();
    }
    assert_eq!(in_time(calls.join_all()).await.len(), 100);
}

#[test]
fn the_end_of_a_program_does_not_wait_for_what_blocks() {
    let (ended, end) = mpsc::channel();
    let program = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let limits = Limits::new().grace(Duration::from_millis(10));
            let builder = DevTools::builder().auth(Auth::None).plugin(Plugin);
            let devtools = builder.limits(limits).build().await.unwrap();
            let server = devtools.bind("127.0.0.1:0").await.unwrap();
            let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
            let blocked = tokio::spawn(async move { BlockStuck::call(&rpc).await });
            // It answers that it was late, and its thread is blocked for ever.
            blocked.await.unwrap().unwrap_err();
            let ctx = server.devtools().context().clone();
            let local = tokio::spawn(async move { BlockStuck::invoke_local(&ctx).await });
            local.await.unwrap().unwrap_err();
            server.shutdown().await;
        });
        drop(runtime);
        ended.send(()).unwrap();
    });
    end.recv_timeout(Duration::from_secs(60)).unwrap();
    program.join().unwrap();
}

#[tokio::test]
async fn a_panic_of_a_blocking_function_is_answered() {
    let devtools = program().await;
    let error = BlockAndPanic::call(&devtools.client()).await.unwrap_err();
    // The text goes to the log, under the id.
    assert!(
        error.to_string().starts_with("internal error (id "),
        "{error}"
    );
}

#[tokio::test]
async fn a_function_ends_with_its_timeout() {
    let devtools = program().await;
    let rpc = devtools.client();
    let error = in_time(Stuck::call(&rpc)).await.unwrap_err();
    let expected = "\"options:stuck\" did not end within 20ms";
    assert_eq!(error.to_string(), expected);
    let error = in_time(Stuck::invoke_local(devtools.context())).await;
    let limit = Duration::from_millis(20);
    assert!(matches!(error, Err(CallError::Timeout(after)) if after == limit));
    assert_eq!(shared(&devtools).calls.load(Ordering::SeqCst), 2);

    assert_eq!(Quick::call(&rpc, "a").await.unwrap(), "a");
    assert_eq!(
        Quick::definition().timeout(),
        Some(Duration::from_secs(120))
    );
    assert_eq!(Count::definition().timeout(), None);

    let error = in_time(BlockStuck::call(&rpc)).await.unwrap_err();
    let expected = "\"options:block-stuck\" did not end within 20ms";
    assert_eq!(error.to_string(), expected);
    // It still waits: a thread cannot be stopped.
    Release::call(&rpc, "go on").await.unwrap();
}

#[tokio::test]
async fn definitions_say_what_the_attribute_said() {
    let count = Count::definition();
    assert!(count.is_cacheable() && !count.is_snapshot());
    assert_eq!(count.title(), Some("Count the calls"));
    assert_eq!(count.agent(), None);
    let agent = AgentOptions::new(AgentSafety::Destructive)
        .with_title("Remove")
        .with_tags(&["modules", "files"]);
    assert_eq!(Remove::definition().agent(), Some(agent));
    let modules = Modules::definition();
    assert!(modules.is_snapshot());
    assert_eq!(modules.agent(), Some(AgentOptions::new(AgentSafety::Read)));
    assert_eq!(modules.description(), "Lists the modules.");
}

fn arguments(dump: WrittenDump) -> Vec<Value> {
    let arguments = dump.into_inputs().into_iter();
    arguments
        .map(|arguments| serde_json::from_str(&arguments).unwrap())
        .collect()
}

#[tokio::test]
async fn a_dump_is_computed_from_the_context() {
    let devtools = program().await;
    let empty = dump_of(devtools.context(), "options:size").await;
    assert_eq!(arguments(empty.unwrap().unwrap()).len(), 0);
    shared(&devtools).calls.store(2, Ordering::SeqCst);
    let dump = dump_of(devtools.context(), "options:size").await;
    let dump = dump.unwrap().unwrap();
    assert_eq!(dump.fallback(), Some(r#"{"inputs":[],"output":null}"#));
    assert_eq!(
        arguments(dump),
        [json!(["id0", null]), json!(["id1", null])]
    );
    assert!(
        dump_of(devtools.context(), "options:count")
            .await
            .unwrap()
            .is_none()
    );
}

// With a warning, once.
#[tokio::test]
async fn the_dump_of_a_setup_wins_over_that_of_the_attribute() {
    // The setup runs on the thread of the test.
    let (log, _guard) = Log::of_this_thread(LevelFilter::WARN);
    let devtools = program().await;
    shared(&devtools).calls.store(1, Ordering::SeqCst);
    for _ in 0..2 {
        let dump = dump_of(devtools.context(), "options:both").await;
        let dump = dump.unwrap().unwrap();
        assert_eq!(dump.fallback(), None, "none is not `null`");
        assert_eq!(arguments(dump), [json!([1]), json!([2])]);
    }
    let warnings = || {
        let text = log.text();
        text.matches("`options:both` has two dumps").count()
    };
    assert_eq!(warnings(), 1);
    let devtools = program().await;
    let dump = dump_of(devtools.context(), "options:both").await;
    let dump = dump.unwrap().unwrap();
    assert!(dump.fallback().is_some());
    assert_eq!(arguments(dump), [json!([3])]);
    assert_eq!(warnings(), 1, "there was one dump");
}

// A function that is not dumped by choice does not say how.
#[tokio::test]
async fn the_setup_of_a_function_that_is_no_query_has_no_dump() {
    let devtools = program().await;
    let rpc = devtools.client();
    let action = SaveAll::call(&rpc, 1).await.unwrap_err().to_string();
    assert_eq!(
        action,
        "only a query is dumped by choice, and `options:save-all` is of the kind `action`: remove `.dump(..)` \
         from its setup"
    );
    let constant = GetLimit::invoke_local(devtools.context()).await;
    let constant = constant.unwrap_err();
    assert!(matches!(constant, CallError::Setup(_)), "{constant:?}");
    let dump = dump_of(devtools.context(), "options:get-limit").await;
    let dump = dump.unwrap_err().to_string();
    assert!(dump.contains("`options:get-limit`"), "{dump}");
}
