//! The metrics of every way to call: each outcome, each origin, and what is not counted.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::future::pending;
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::{
    Auth, DevTools, DevToolsBuilder, DevToolsContext, DevToolsRpcClient, Dump, FunctionKind,
    RemoteError, define_rpc_function, rpc_function,
};
use metrics::LocalRecorderGuard;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

#[rpc_function(name = "metrics:add")]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[rpc_function(name = "metrics:fail", kind = "action")]
async fn fail() -> Result<(), String> {
    tokio::task::yield_now().await;
    Err("it failed".to_owned())
}

#[rpc_function(name = "metrics:panic")]
fn panics() {
    panic!("in the function")
}

#[rpc_function(name = "metrics:late", timeout = "10ms")]
async fn late() {
    pending::<()>().await;
}

#[rpc_function(name = "metrics:wait")]
async fn wait() {
    pending::<()>().await;
}

#[rpc_function(name = "metrics:note", kind = "event")]
fn note() {}

#[rpc_function(name = "metrics:reset", kind = "action", role = "admin")]
fn reset() {}

#[rpc_function(name = "metrics:closed")]
fn closed() {}

fn dump_of_square(_: &DevToolsContext) -> Dump<(u32,), u32> {
    Dump::inputs([(3,), (4,)])
}

#[rpc_function(name = "metrics:square", dump = dump_of_square)]
fn square(n: u32) -> u32 {
    n * n
}

fn builder() -> DevToolsBuilder {
    DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(Add::definition())
        .function(Fail::definition())
        .function(Panics::definition())
        .function(Late::definition())
        .function(Wait::definition())
        .function(Note::definition())
        .function(Reset::definition())
        .function(Closed::definition())
        .function(Square::definition())
        .layer_for("metrics:closed", |_, _| async {
            Err(RemoteError::coded("closed", "not now").into())
        })
}

/// The metrics of one thread, where the whole of a test runs.
struct Metrics {
    handle: PrometheusHandle,
    _guard: LocalRecorderGuard<'static>,
}

impl Metrics {
    fn of_this_thread() -> Self {
        // The guard borrows the recorder until the thread ends.
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        Self {
            handle: recorder.handle(),
            _guard: metrics::set_default_local_recorder(recorder),
        }
    }

    /// The value of the one series of this name and function with all these labels.
    fn value(&self, name: &str, function: &str, labels: &[&str]) -> Option<u64> {
        let text = self.handle.render();
        let start = format!("{name}{{rpc_system=\"devtools\",rpc_method=\"{function}\",");
        let is_meant = |line: &&str| {
            line.starts_with(&start) && labels.iter().all(|label| line.contains(label))
        };
        let mut lines = text.lines().filter(is_meant);
        let value = lines.next()?.rsplit_once(' ')?.1;
        assert_eq!(lines.next(), None, "{name} of {function}: {text}");
        Some(value.parse().unwrap())
    }

    /// How many calls of a session ended so, which must be as many as were timed.
    fn calls(&self, function: &str, outcome: &str) -> Option<u64> {
        let outcome = format!("outcome=\"{outcome}\"");
        let labels = ["origin=\"session\"", &*outcome];
        let calls = self.value("rpc_server_calls_total", function, &labels);
        let timed = self.value("rpc_server_call_duration_seconds_count", function, &labels);
        assert_eq!(calls, timed, "{}", self.handle.render());
        calls
    }

    fn active(&self, function: &str) -> Option<u64> {
        self.value("rpc_server_active_calls", function, &["origin=\"session\""])
    }

    async fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let so = async {
            while !is_so(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), so)
            .await
            .unwrap_or_else(|_| panic!("not {what}: {}", self.handle.render()));
    }
}

async fn calls_of(rpc: &DevToolsRpcClient, before: u64, metrics: &Metrics) {
    Add::call(rpc, 1, 2).await.unwrap();
    Add::call(rpc, 3, 4).await.unwrap();
    Fail::call(rpc).await.unwrap_err();
    Panics::call(rpc).await.unwrap_err();
    Late::call(rpc).await.unwrap_err();
    Closed::call(rpc).await.unwrap_err();
    Note::notify(rpc).await.unwrap();
    // Arguments that do not fit are an error of the call.
    rpc.call_dynamic::<u32>("metrics:add", ("x",))
        .await
        .unwrap_err();
    let calls = before + 1;
    metrics
        .wait_until("noted", |it| it.calls("metrics:note", "ok") == Some(calls))
        .await;
    assert_eq!(metrics.calls("metrics:add", "ok"), Some(2 * calls));
    assert_eq!(metrics.calls("metrics:add", "error"), Some(calls));
    assert_eq!(metrics.calls("metrics:fail", "error"), Some(calls));
    assert_eq!(metrics.calls("metrics:fail", "ok"), None);
    assert_eq!(metrics.calls("metrics:panic", "error"), Some(calls));
    assert_eq!(metrics.calls("metrics:late", "timeout"), Some(calls));
    assert_eq!(metrics.calls("metrics:closed", "error"), Some(calls));
    assert_eq!(metrics.active("metrics:add"), Some(0));
    assert_eq!(metrics.active("metrics:late"), Some(0));

    let waits = rpc.clone();
    let call = tokio::spawn(async move { Wait::call(&waits).await });
    metrics
        .wait_until("under way", |it| it.active("metrics:wait") == Some(1))
        .await;
    call.abort();
    metrics
        .wait_until("over", |it| it.active("metrics:wait") == Some(0))
        .await;
    assert_eq!(metrics.calls("metrics:wait", "cancelled"), Some(calls));
}

#[tokio::test]
async fn calls_are_counted_over_every_transport() {
    let metrics = Metrics::of_this_thread();
    let server = builder().metrics().bind("127.0.0.1:0").await.unwrap();
    let url = server.url();
    let over = |transport| {
        DevToolsRpcClient::builder(&url)
            .transport(transport)
            .connect()
    };
    let clients = [
        over(ClientTransport::WebSocket).await.unwrap(),
        over(ClientTransport::Sse).await.unwrap(),
        server.devtools().client(),
    ];
    for (before, rpc) in (0..).zip(&clients) {
        calls_of(rpc, before, &metrics).await;
    }
    // Without a gate nobody has a role over a socket.
    Reset::call(&clients[0]).await.unwrap_err();
    assert_eq!(metrics.calls("metrics:reset", "error"), Some(1));
    let kinds = [("fail", "action"), ("add", "query"), ("note", "event")];
    let text = metrics.handle.render();
    for (function, kind) in kinds {
        let labels = format!("rpc_method=\"metrics:{function}\",rpc_kind=\"{kind}\"");
        assert!(text.contains(&labels), "{text}");
    }
}

#[tokio::test]
async fn calls_of_the_program_and_for_a_dump_say_where_they_come_from() {
    let metrics = Metrics::of_this_thread();
    let devtools = builder().metrics().build().await.unwrap();
    let ctx = devtools.context();
    Add::invoke_local(ctx, 1, 2).await.unwrap();
    ctx.rpc()
        .invoke_local::<u32>("metrics:add", (1, 2))
        .await
        .unwrap();
    Fail::invoke_local(ctx).await.unwrap_err();
    Late::invoke_local(ctx).await.unwrap_err();
    let folder = tempfile::tempdir().unwrap();
    devtools.build(folder.path().join("dump")).await.unwrap();
    let calls = |function, origin, outcome| {
        metrics.value("rpc_server_calls_total", function, &[origin, outcome])
    };
    let (program, dump) = ("origin=\"program\"", "origin=\"dump\"");
    assert_eq!(calls("metrics:add", program, "outcome=\"ok\""), Some(2));
    assert_eq!(calls("metrics:fail", program, "outcome=\"error\""), Some(1));
    assert_eq!(
        calls("metrics:late", program, "outcome=\"timeout\""),
        Some(1)
    );
    assert_eq!(calls("metrics:square", dump, "outcome=\"ok\""), Some(2));
}

/// A caller makes no series: neither by a name that no function has, nor by functions of the protocol.
#[tokio::test]
async fn the_number_of_series_is_bounded() {
    let metrics = Metrics::of_this_thread();
    let devtools = builder().metrics().build().await.unwrap();
    let rpc = devtools.client();
    Add::call(&rpc, 1, 2).await.unwrap();
    let lines = || metrics.handle.render().lines().count();
    let before = lines();
    for number in 0..100 {
        let name = format!("metrics:made-up-{number}");
        rpc.call_dynamic::<u32>(&name, ()).await.unwrap_err();
    }
    let functions = "devtools-runtime:functions";
    let _: serde_json::Value = rpc.call_dynamic(functions, ()).await.unwrap();
    assert_eq!(lines(), before, "{}", metrics.handle.render());

    // A closure has a series as other functions have.
    let closure = define_rpc_function("metrics:closure").handler(|| 1);
    devtools.context().rpc().register(closure).unwrap();
    rpc.call_dynamic::<u8>("metrics:closure", ()).await.unwrap();
    assert_eq!(metrics.calls("metrics:closure", "ok"), Some(1));
}

#[tokio::test]
async fn a_recorder_that_is_installed_later_gets_the_calls_from_then_on() {
    let devtools = builder().metrics().build().await.unwrap();
    let rpc = devtools.client();
    Add::call(&rpc, 1, 2).await.unwrap();

    let first = Metrics::of_this_thread();
    Add::call(&rpc, 1, 2).await.unwrap();
    assert_eq!(first.calls("metrics:add", "ok"), Some(1));
    let waits = rpc.clone();
    let call = tokio::spawn(async move { Wait::call(&waits).await });
    first
        .wait_until("under way", |it| it.active("metrics:wait") == Some(1))
        .await;

    let second = Metrics::of_this_thread();
    Add::call(&rpc, 1, 2).await.unwrap();
    assert_eq!(first.calls("metrics:add", "ok"), Some(1));
    assert_eq!(second.calls("metrics:add", "ok"), Some(1));
    // A call that runs is counted down where it was counted up.
    call.abort();
    second
        .wait_until("over", |it| {
            it.calls("metrics:wait", "cancelled") == Some(1)
        })
        .await;
    assert_eq!(first.active("metrics:wait"), Some(0));
    assert_eq!(second.active("metrics:wait"), None);
}

#[tokio::test]
async fn the_series_of_a_replaced_function_have_its_new_kind() {
    let metrics = Metrics::of_this_thread();
    let devtools = builder().metrics().build().await.unwrap();
    let (host, rpc) = (devtools.context().rpc(), devtools.client());
    let definition = || define_rpc_function("metrics:replaced");
    host.register(definition().handler(|| 1)).unwrap();
    rpc.call_dynamic::<u8>("metrics:replaced", ())
        .await
        .unwrap();
    let action = definition().kind(FunctionKind::Action).handler(|| 2);
    host.update(action).unwrap();
    rpc.call_dynamic::<u8>("metrics:replaced", ())
        .await
        .unwrap();
    for kind in ["query", "action"] {
        let labels = [&*format!("rpc_kind=\"{kind}\""), "outcome=\"ok\""];
        let calls = metrics.value("rpc_server_calls_total", "metrics:replaced", &labels);
        assert_eq!(calls, Some(1), "{kind}");
    }
}

#[tokio::test]
async fn nothing_is_counted_unless_the_program_asks_for_it() {
    let metrics = Metrics::of_this_thread();
    let devtools = builder().build().await.unwrap();
    Add::call(&devtools.client(), 1, 2).await.unwrap();
    Add::invoke_local(devtools.context(), 1, 2).await.unwrap();
    assert_eq!(metrics.handle.render(), "");
}
